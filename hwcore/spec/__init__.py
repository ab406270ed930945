"""What a user describes: hardware, jobs and presets, checked before anything runs. Free of torch."""

from hwcore.spec.activation import Activation
from hwcore.spec.array import Array, Input, PairLayout, WireResistance
from hwcore.spec.cell import Cell, Negative
from hwcore.spec.convolution import Convolution, Pool
from hwcore.spec.datasets import DATASET_NAMES, DATASETS, DatasetFacts, DatasetName
from hwcore.spec.document import read_document
from hwcore.spec.evaluation import Evaluation
from hwcore.spec.hardware import Hardware
from hwcore.spec.job import CompileJob
from hwcore.spec.model import MODEL_NAMES, Cnn, Mlp, Model, Normalization, described_model
from hwcore.spec.noise import AdditiveProgramming, Noise, Programming, ProportionalProgramming
from hwcore.spec.parse import parse_hardware, parse_job, parse_resolve_request
from hwcore.spec.plan import LayerPlan, Plan, Window, dense_plan, network_plan, plan_text
from hwcore.spec.presets import Preset, load_preset, presets
from hwcore.spec.representable import Representable, representable
from hwcore.spec.resolve import ResolveRequest, resolve_hardware
from hwcore.spec.schema import SCHEMA_NAMES, json_schema
from hwcore.spec.spacing import BinaryWeighted, Exponential, Linear, Spacing, Table
from hwcore.spec.tables import ComponentTables, component_tables
from hwcore.spec.tiles import Footprint, LayerFootprint, TileGrid, footprint, tile_grid
from hwcore.spec.training import Augmentation, Distillation, Sharpening, Training
from hwcore.spec.weights import Weights

__all__ = [
    "DATASETS",
    "DATASET_NAMES",
    "MODEL_NAMES",
    "SCHEMA_NAMES",
    "Activation",
    "AdditiveProgramming",
    "Array",
    "Augmentation",
    "BinaryWeighted",
    "Cell",
    "Cnn",
    "CompileJob",
    "ComponentTables",
    "Convolution",
    "DatasetFacts",
    "DatasetName",
    "Distillation",
    "Evaluation",
    "Exponential",
    "Footprint",
    "Hardware",
    "Input",
    "LayerFootprint",
    "LayerPlan",
    "Linear",
    "Mlp",
    "Model",
    "Negative",
    "Noise",
    "Normalization",
    "PairLayout",
    "Plan",
    "Pool",
    "Preset",
    "Programming",
    "ProportionalProgramming",
    "Representable",
    "ResolveRequest",
    "Sharpening",
    "Spacing",
    "Table",
    "TileGrid",
    "Training",
    "Weights",
    "Window",
    "WireResistance",
    "component_tables",
    "dense_plan",
    "described_model",
    "footprint",
    "json_schema",
    "load_preset",
    "network_plan",
    "parse_hardware",
    "parse_job",
    "parse_resolve_request",
    "plan_text",
    "presets",
    "read_document",
    "representable",
    "resolve_hardware",
    "tile_grid",
]
