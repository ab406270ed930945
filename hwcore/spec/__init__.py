"""Descriptions by the user: hardware, jobs and presets, checked before anything runs. Free of torch."""

from hwcore.spec.derive.condition import Condition
from hwcore.spec.derive.course import Course
from hwcore.spec.derive.drive import Drive, chain_drives, coded_drive, drive_after, input_drive
from hwcore.spec.derive.effects import (
    EFFECTS,
    TRAINING_EFFECTS,
    Effect,
    EffectRow,
    TrainingEffect,
    absent,
    beginnings,
    first_time,
    present_effects,
    times_of,
)
from hwcore.spec.derive.estimate import estimated_seconds
from hwcore.spec.derive.examination import Examination
from hwcore.spec.derive.float_reference import RATES, ReferenceChoice, reference_course, reference_stage_name
from hwcore.spec.derive.levels import Levels
from hwcore.spec.derive.looks import (
    SENSITIVITY_CHIPS,
    Look,
    everything,
    looks,
    over_time,
    shared_by_layers,
    simulated_chips,
)
from hwcore.spec.derive.network import network_graph, network_plan, plan_text
from hwcore.spec.derive.plan import LayerKind, LayerPlan, Plan, dense_plan
from hwcore.spec.derive.representable import Representable, representable, representable_range, representable_text
from hwcore.spec.derive.stage import ALL, Stage
from hwcore.spec.derive.tables import ComponentTables, component_tables
from hwcore.spec.derive.target import (
    ONE_POINT,
    TENTH_ABOVE,
    kept_effects,
    reference_stage,
    target_source,
    trained_through_wires,
)
from hwcore.spec.derive.tiles import Footprint, LayerFootprint, TileGrid, footprint, plan_grids, tile_grid
from hwcore.spec.derive.window import Margin, Window, along_each, margins_of
from hwcore.spec.derive.work import Work
from hwcore.spec.graph.drives import activation_range, graph_drives, has_both_signs
from hwcore.spec.graph.graph import Graph, Tail, activation_of
from hwcore.spec.graph.graph_builder import GraphBuilder
from hwcore.spec.graph.kinds import (
    NODE_KINDS,
    STATE,
    Activate,
    Add,
    Concat,
    Flatten,
    GlobalPool,
    Lstm,
    MapPool,
    Normalize,
    Product,
    Reshape,
    Transpose,
)
from hwcore.spec.graph.networks.chain import chain_graph, dense_graph, is_chain
from hwcore.spec.graph.node import INPUT, Node
from hwcore.spec.graph.operation import Misfit, Moving, Operation, Pooling, Shape, Stateless
from hwcore.spec.graph.operations import Operations, Pixels
from hwcore.spec.graph.value_range import UNLIMITED, ValueRange
from hwcore.spec.hardware.activation import Activation
from hwcore.spec.hardware.adc import Adc, AdcRange, CalibratedRange, FullRange, GivenRange
from hwcore.spec.hardware.array import Array, Input, PairLayout, WireResistance
from hwcore.spec.hardware.cell import Cell, Negative
from hwcore.spec.hardware.compensation import Compensation
from hwcore.spec.hardware.device import Device, devices
from hwcore.spec.hardware.digital import Digital, Rounding
from hwcore.spec.hardware.drift import Drift, PowerLawDrift
from hwcore.spec.hardware.drive import Coding, DriveCoding, SignCoding, Subtraction
from hwcore.spec.hardware.fits import ClippedLine, FlickerFit, LogarithmicFit, PolynomialFit, SaturatingFit
from hwcore.spec.hardware.fitted import EDGE, Fitted
from hwcore.spec.hardware.hardware import Hardware
from hwcore.spec.hardware.noise import Noise
from hwcore.spec.hardware.presets import Preset, load_preset, presets
from hwcore.spec.hardware.programming import (
    AdditiveProgramming,
    LogNormalProgramming,
    Programming,
    ProportionalProgramming,
)
from hwcore.spec.hardware.published import (
    DRIFT_MODELS,
    PROGRAMMING_MODELS,
    READ_MODELS,
    Published,
    PublishedDrift,
    PublishedProgramming,
    PublishedRead,
)
from hwcore.spec.hardware.read_noise import AdditiveRead, ProportionalRead, Read
from hwcore.spec.hardware.spacing import BinaryWeighted, Exponential, Linear, Spacing, Table
from hwcore.spec.hardware.stuck_at import StuckAt
from hwcore.spec.hardware.weights import Weights
from hwcore.spec.jobs.compile_job import CompileJob
from hwcore.spec.jobs.contents_of import contents_of, with_contents
from hwcore.spec.jobs.convolution import Convolution, Pool
from hwcore.spec.jobs.datasets import DATASET_NAMES, DATASETS, DatasetFacts, DatasetName
from hwcore.spec.jobs.evaluation import Evaluation
from hwcore.spec.jobs.export import Export, Netlists
from hwcore.spec.jobs.job_document import JobDocument, Source, own_dataset
from hwcore.spec.jobs.job_warnings import (
    JobWarning,
    data_warnings,
    dataset_warnings,
    hardware_warnings,
    warning_line,
)
from hwcore.spec.jobs.kinds import JOB_KINDS
from hwcore.spec.jobs.metric import METRICS, Metric, MetricFacts
from hwcore.spec.jobs.model import MODEL_NAMES, Cnn, Mlp, Model, described_model
from hwcore.spec.jobs.model_fields import Normalization
from hwcore.spec.jobs.models.ds_cnn import DsCnn
from hwcore.spec.jobs.models.fc_autoencoder import FcAutoencoder
from hwcore.spec.jobs.models.lstm import LstmNetwork
from hwcore.spec.jobs.models.mobilenet_v1 import MobileNetV1
from hwcore.spec.jobs.models.resnet_8 import ResNet8
from hwcore.spec.jobs.own_data import (
    AnyDataset,
    Contents,
    FileDataset,
    NamedDataset,
    OwnDataset,
    UploadedDataset,
    dataset_facts,
    dataset_name,
    dataset_title,
    normalized,
)
from hwcore.spec.jobs.resolve import ResolveRequest, resolve_hardware
from hwcore.spec.jobs.training import MOST_CANDIDATES, Augmentation, Distillation, Sharpening, Training
from hwcore.spec.reading.document import read_document
from hwcore.spec.reading.parse import parse_compile_job, parse_hardware, parse_job, parse_resolve_request
from hwcore.spec.reading.schema import SCHEMA_NAMES, json_schema, kind_schema
from hwcore.spec.reading.written_out import hardware_written_out

__all__ = [
    "ALL",
    "DATASETS",
    "DATASET_NAMES",
    "DRIFT_MODELS",
    "EDGE",
    "EFFECTS",
    "INPUT",
    "JOB_KINDS",
    "METRICS",
    "MODEL_NAMES",
    "MOST_CANDIDATES",
    "NODE_KINDS",
    "ONE_POINT",
    "PROGRAMMING_MODELS",
    "RATES",
    "READ_MODELS",
    "SCHEMA_NAMES",
    "SENSITIVITY_CHIPS",
    "STATE",
    "TENTH_ABOVE",
    "TRAINING_EFFECTS",
    "UNLIMITED",
    "Activate",
    "Activation",
    "Adc",
    "AdcRange",
    "Add",
    "AdditiveProgramming",
    "AdditiveRead",
    "AnyDataset",
    "Array",
    "Augmentation",
    "BinaryWeighted",
    "CalibratedRange",
    "Cell",
    "ClippedLine",
    "Cnn",
    "Coding",
    "Compensation",
    "CompileJob",
    "ComponentTables",
    "Concat",
    "Condition",
    "Contents",
    "Convolution",
    "Course",
    "DatasetFacts",
    "DatasetName",
    "Device",
    "Digital",
    "Distillation",
    "Drift",
    "Drive",
    "DriveCoding",
    "DsCnn",
    "Effect",
    "EffectRow",
    "Evaluation",
    "Examination",
    "Exponential",
    "Export",
    "FcAutoencoder",
    "FileDataset",
    "Fitted",
    "Flatten",
    "FlickerFit",
    "Footprint",
    "FullRange",
    "GivenRange",
    "GlobalPool",
    "Graph",
    "GraphBuilder",
    "Hardware",
    "Input",
    "JobDocument",
    "JobWarning",
    "LayerFootprint",
    "LayerKind",
    "LayerPlan",
    "Levels",
    "Linear",
    "LogNormalProgramming",
    "LogarithmicFit",
    "Look",
    "Lstm",
    "LstmNetwork",
    "MapPool",
    "Margin",
    "Metric",
    "MetricFacts",
    "Misfit",
    "Mlp",
    "MobileNetV1",
    "Model",
    "Moving",
    "NamedDataset",
    "Negative",
    "Netlists",
    "Node",
    "Noise",
    "Normalization",
    "Normalize",
    "Operation",
    "Operations",
    "OwnDataset",
    "PairLayout",
    "Pixels",
    "Plan",
    "PolynomialFit",
    "Pool",
    "Pooling",
    "PowerLawDrift",
    "Preset",
    "Product",
    "Programming",
    "ProportionalProgramming",
    "ProportionalRead",
    "Published",
    "PublishedDrift",
    "PublishedProgramming",
    "PublishedRead",
    "Read",
    "ReferenceChoice",
    "Representable",
    "ResNet8",
    "Reshape",
    "ResolveRequest",
    "Rounding",
    "SaturatingFit",
    "Shape",
    "Sharpening",
    "SignCoding",
    "Source",
    "Spacing",
    "Stage",
    "Stateless",
    "StuckAt",
    "Subtraction",
    "Table",
    "Tail",
    "TileGrid",
    "Training",
    "TrainingEffect",
    "Transpose",
    "UploadedDataset",
    "ValueRange",
    "Weights",
    "Window",
    "WireResistance",
    "Work",
    "absent",
    "activation_of",
    "activation_range",
    "along_each",
    "beginnings",
    "chain_drives",
    "chain_graph",
    "coded_drive",
    "component_tables",
    "contents_of",
    "data_warnings",
    "dataset_facts",
    "dataset_name",
    "dataset_title",
    "dataset_warnings",
    "dense_graph",
    "dense_plan",
    "described_model",
    "devices",
    "drive_after",
    "estimated_seconds",
    "everything",
    "first_time",
    "footprint",
    "graph_drives",
    "hardware_warnings",
    "hardware_written_out",
    "has_both_signs",
    "input_drive",
    "is_chain",
    "json_schema",
    "kept_effects",
    "kind_schema",
    "load_preset",
    "looks",
    "margins_of",
    "network_graph",
    "network_plan",
    "normalized",
    "over_time",
    "own_dataset",
    "parse_compile_job",
    "parse_hardware",
    "parse_job",
    "parse_resolve_request",
    "plan_grids",
    "plan_text",
    "present_effects",
    "presets",
    "read_document",
    "reference_course",
    "reference_stage",
    "reference_stage_name",
    "representable",
    "representable_range",
    "representable_text",
    "resolve_hardware",
    "shared_by_layers",
    "simulated_chips",
    "target_source",
    "tile_grid",
    "times_of",
    "trained_through_wires",
    "warning_line",
    "with_contents",
]
