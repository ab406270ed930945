"""`python -m benchmarks.results`: docs/results.md, from benchmarks/results/*.json and nothing else; `--check` compares.

Every table says which command printed it, of which commit and on which machine. What nobody measured is not in it.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.accuracy_tables import chips_table, experiment_table, wins_table
from benchmarks.bit_true import HOPELESS, RESIDUAL, codes_table, widths_table
from benchmarks.cifar import BREVITAS, cifar_table
from benchmarks.cnn_chip import chip_table
from benchmarks.crosssim import crosssim_table
from benchmarks.cuda import cuda_table
from benchmarks.evaluate import OHM, calibration_table, effects_table, time_table, wires_in_training_table
from benchmarks.experiments import EXPERIMENTS, LONG, TRAINING
from benchmarks.figures import RESULTS
from benchmarks.fsdd import fsdd_table
from benchmarks.markdown import table
from benchmarks.milo import milo_table
from benchmarks.recipes import recipes_tables
from benchmarks.service import service_table
from benchmarks.step_table import step_table
from benchmarks.wires import wires_table

Document = dict[str, Any]
PAGE = Path(__file__).parent.parent / "docs" / "results.md"
INTRODUCTION = """# Results

Measured, not promised: this page is made by `python -m benchmarks.results` from `benchmarks/results/*.json`, and a test
holds it to them. What each benchmark does and how long it takes: [benchmarks/README.md](../benchmarks/README.md).
Accuracies are those of hard values on test images that were looked at once, in percent; a spread (±) is the sample
standard deviation over the seeds. A loss is in points below the floating-point *reference* of the same seed: trained by
the code that trains for the hardware, with every staircase replaced by the identity, for as many epochs in all, with
the same batches, augmentation and dropped inputs; its learning rate (of three), smoothed labels, noise on its weights
and distillation from its own first training are chosen on held-out images, seven networks at most
([how](explanation/training.md#the-floating-point-reference)). In brackets is the 95 % interval of the paired
difference over the seeds (Student's t); so is the ± of a figure that says its seeds. The test images are the same for
all seeds, and what other ones would say is in no interval. "Loss to float" is below a weaker network, which had as many
epochs in all and nothing else; where the loss is "-", no reference has been trained and this is all there is. "Loss
from start" is below the network that the training for the hardware went on from. "(n older)": so many of the rows were
trained at least a day before their reference, by the commits named.
"""


def page(folder: Path = RESULTS) -> str:
    """The whole document."""
    parts = [INTRODUCTION]
    for name, (title, tables) in SECTIONS.items():
        path = folder / f"{name}.json"
        if path.is_file():
            document = json.loads(path.read_text(encoding="utf-8"))
            parts += [f"## {title}\n\n{_origin(name, document)}\n", figures_table(document), *tables(document)]
    return "\n".join(part if part.endswith("\n") else f"{part}\n" for part in parts if part)


def figures_table(document: Document) -> str:
    """Every figure with its limit."""
    lines = []
    for name, figure in document["figures"].items():
        relation = "at least" if figure["at_least"] else "at most"
        limit = "" if figure["limit"] is None else f"{relation} {figure['limit']:g}"
        verdict = {None: "", True: "holds", False: "falls short"}[figure["holds"]]
        # A negative zero is a rounding of ours, not a measurement.
        value = f"{figure['value'] + 0.0:.4g}"
        if "half_width" in figure:
            value += f" ± {figure['half_width']:.2g}"
        if "seeds" in figure:
            counted = figure.get("over", "seeds")
            value += f" ({figure['seeds']} {counted.removesuffix('s') if figure['seeds'] == 1 else counted})"
        lines.append([f"`{name}`", value, figure["unit"], limit, verdict])
    return table(("figure", "value", "unit", "limit", ""), lines)


def _origin(name: str, document: Document) -> str:
    machine, versions = document["machine"], document["versions"]
    # Rows of several days may be of several machines; those that do not say are of the one that wrote the file.
    found = {row.get("machine", machine)["cpu_capability"] for row in document["rows"]}
    capability = " and ".join(sorted(found)) or machine["cpu_capability"]
    commits = sorted({row["commit"] for row in document["rows"] if row.get("commit")}) or [document["commit"]]
    shown = ", ".join(f"`{commit[:12]}{'+' if commit.endswith('+') else ''}`" for commit in commits if commit) or "none"
    dirty = " (+: with changes that were not committed)" if any((c or "").endswith("+") for c in commits) else ""
    return (
        f"Printed by `python -m benchmarks.{name}`; commit {shown}{dirty}; {machine['cores']} cores, "
        f"{machine['processor']}, {capability}; torch {versions['torch']}, Python {versions['python']}."
    )


def _accuracy(document: Document) -> list[str]:
    rows, parts = document["rows"], []
    for name, experiment in EXPERIMENTS.items():
        tables = [experiment_table(rows, name), chips_table(rows, name), wins_table(rows, name)]
        if any(tables):
            head = f"### {name}\n\n{experiment.about} {_recipe(TRAINING[name])}\n"
            parts += [head, *(f"{text}\n" for text in tables if text)]
    return parts


def _recipe(training: Document) -> str:
    if training == LONG:
        return "Trained as a job is that says nothing about it."
    return f"`training`, where it is not the default: `{json.dumps(training)}`."


def _crosssim(document: Document) -> list[str]:
    return [
        "784 inputs, convolutions of 8 and 16 channels, 10 classes; trained for 20 epochs without noise, then written "
        "with on/off 10, 7-bit one-sided pairs and G (1 + 0.3 xi). The tutorial's loop starts predictions and labels "
        "as 10,000 zeros each and appends to both: it prints (100 + a) / 2 for an accuracy of a percent.\n",
        crosssim_table(document["rows"]),
    ]


def _cifar(document: Document) -> list[str]:
    peer = (
        "Brevitas goes on from the same network in floating point, on the same images and for as many epochs; it "
        "learns its scales, and has its own best of three rates, with smoothed labels or not; its weights decay as "
        "ours do, which is not searched. "
        if any(row.get("method") == BREVITAS for row in document["rows"])
        else ""
    )
    data = ", ".join(sorted({row["dataset"] for row in document["rows"]}))
    return [
        f"CIFAR-10 ({data}; with what is published only the original compares); `resnet-8` with batch normalisation, "
        "shifted and mirrored images, 8-bit inputs, 4-bit activations, all layers on the cells named, but for those "
        "that are called digital, whose weights stay in floating point. 2-bit cells and reference are searched alike, "
        "on held-out images, after fewer epochs and from one seed: the best of three rates, then which of smoothed "
        "labels, noise on the weights and distillation to do without. Other cells leave out what 2-bit cells do, and "
        f"have their own best of three rates. {peer}Of several seeds, in brackets, the interval of the mean.\n",
        cifar_table(document["rows"]),
    ]


def _milo(document: Document) -> list[str]:
    return [
        "`rram-milo-2021`, whose cells are ohmic, on the same images and `resnet-8`: programming noise alone, ± over "
        "the chips, one seed. Untrained: 256 levels, 8-bit activations, told against itself; ranges of the activations "
        "are chosen as the scales are, the largest output or the least error. "
        "Trained: the 5 levels of the preset, 4-bit activations, told against the reference of the grid of CIFAR-10. "
        "CrossSim's tutorial prints 64.48 of 89.40 % for a ResNet-14 in one draw of 5,000 images, with the largest "
        "weight of a layer at g_max.\n",
        milo_table(document["rows"]),
    ]


def _fsdd(document: Document) -> list[str]:
    return [
        "Free Spoken Digits, MFCC of both signs normalised by coefficient, 8-bit inputs, 4-bit activations. A fold "
        "tests on five recordings of every speaker and digit; intervals are over the folds, or the speakers. Rates and "
        "references are chosen on held-out recordings of the first fold, which other folds and speakers test on, among "
        "three rates and at most seven references; where these tie, and most have all right, the first one tried. "
        "Folds share eight ninths of what they are trained on, so that their intervals are rather too narrow.\n",
        fsdd_table(document["rows"]),
    ]


def _recipes(document: Document) -> list[str]:
    return [
        "On/off 8, exponential, the negative component 0.8 of the positive one; MNIST with 2-bit activations and 4-bit "
        "inputs, spoken digits (`ds-cnn`) with 4 and 8. Held-out images, hard values; a gain is over the short "
        "training, the default before, with the same seed. Processor time is that of both trainings in one thread, "
        "over the short one's, on a machine busy with other work. The default of an mlp that classifies is "
        "`long, 10 + 30`, and that of any other network `10 + 30, rate 0.02 and nothing else`. `3 + 3`: a user's own "
        "`epochs: 3`. Numbers are of the seeds that both have, by kind of cell.\n",
        recipes_tables(document["rows"]),
    ]


def _bit_true(document: Document) -> list[str]:
    rows = document["rows"]
    trained = "`examples/mnist.json`"
    if any(row.get("network") == RESIDUAL and "width" in row for row in rows):
        trained += (
            ", and `resnet-8` on CIFAR-10 with 4-bit activations and the same cells, after three epochs of either "
            "training"
        )
    return [
        f"{trained}; converters of 8 bits. Points that each width costs on the held-out training images, the others "
        "being wide (accumulator 28, scale 18, offset 18 bits); empty: not tried, or a wider one cost more than "
        f"{HOPELESS:g}:\n",
        widths_table(rows),
        "\nThe narrowest that cost at most 0.05 points there, each alone, and one bit more for all as long as together "
        "they cost more. On all test images every number at every node is compared three ways: hard network, chip and "
        "a rebuild in numpy ([how](explanation/digital.md)), `resnet-8` once more with weights as they are drawn:\n",
        codes_table(rows),
    ]


def _steps(document: Document) -> list[str]:
    return [
        "Each package against a plain step in its own interpreter and process, turn by turn; quartiles over the "
        "rounds. Memory: how far a process grows from before it builds the network to its peak.\n",
        step_table(document["rows"]),
    ]


def _steps_of_resnet(document: Document) -> list[str]:
    return [
        "resnet-8, batch 128, 3x32x32; each package against a plain step of torch's own modules with channels last. "
        "The figure is over the fastest step in floating point of the same run, whichever it is.\n",
        step_table(document["rows"]),
    ]


def _chip_of_resnet(document: Document) -> list[str]:
    return [
        "From the network to the accuracy of one chip: cells drawn, wires solved, converters calibrated, all test "
        "images. One chip is judged on one thread.\n",
        chip_table(document["rows"]),
    ]


def _wires(document: Document) -> list[str]:
    threads = next(row["threads"] for row in document["rows"] if "threads" in row)
    return [
        f"Threads: {threads}; seconds are medians. The difference is that of single currents, relative.\n",
        wires_table(document["rows"]),
    ]


def _evaluate(document: Document) -> list[str]:
    rows = document["rows"]
    threads = next(row["threads"] for row in rows if "threads" in row)
    return [
        f"MNIST, 784-512-512-10 on 128 x 128 tiles, the cells of `examples/mnist.json`; {threads} threads. `drawn`: "
        "programming noise of 2 % of the largest conductance, 0.1 % of the cells stuck on and 0.1 % off, read noise of "
        "2 % of a conductance at every product, 6-bit ADCs with calibrated ranges, trained for all but the stuck "
        f"cells. `wired`: the same with {OHM:g} ohm in every segment. ± is the sample standard deviation over the "
        "chips; a yield has its Clopper-Pearson interval.\n",
        effects_table(rows),
        "\nWires that cost 5 points and more where training ignores them:\n",
        wires_in_training_table(rows),
        "\nPhase-change memory (`pcm-joshi-2020`) over a year, trained for it, 25 chips:\n",
        time_table(rows),
        "\nA rough chip: `drawn` with programming noise of 30 % of every conductance, and 0.5 % of the cells stuck on "
        "and 0.5 % off; trained for it, 25 chips, as they are and with `hardware.calibration: per_column`:\n",
        calibration_table(rows),
    ]


def _jobs(document: Document) -> list[str]:
    lines = []
    for row in document["rows"]:
        accuracy = {stage: f"{100 * value:.2f}" for stage, value in row["accuracy"].items()}
        lines.append(
            [
                row["name"],
                row["dataset"],
                accuracy["float"],
                accuracy["rounded"],
                f"{100 * row['rounding']['least_error']:.2f}",
                accuracy["hardware_aware"],
                f"{accuracy['programming']} ± {100 * row['programming_std']:.2f}",
                f"{row['seconds']:.0f}",
            ]
        )
    head = ("job", "images", "float", "rounded", "rounded, least error", "hardware-aware", "25 chips", "s")
    return ["One seed; ± is over the chips, and float had the epochs of the first half alone.\n", table(head, lines)]


def _cuda(document: Document) -> list[str]:
    row = document["rows"][0]
    return [
        f"{row['gpu']}, beside the {row['threads']} cores of its machine. A step: 784-512-512-10 with batch "
        "normalisation, batch 256, optimiser and data included. The job is all of `examples/mnist.json`; its chips are "
        "judged on the processor either way.\n",
        cuda_table(document["rows"]),
    ]


def _service(document: Document) -> list[str]:
    return [service_table(document["rows"])]


def _fuzzed(document: Document) -> list[str]:
    first = document["rows"][0]
    outcomes = [[outcome, str(count)] for outcome, count in first["outcomes"].items()]
    rebuilt = [[name, str(each["jobs"]), f"{each['largest']:.1e}"] for name, each in first["rebuilt"].items()]
    return [
        f"Drawn with the seed {first['seed']} over all that a job may say; `refused` is a description with a "
        "contradiction, `failed` an error of mho's own that names the field.\n",
        table(("outcome", "jobs"), outcomes),
        "\nLogits rebuilt by `examples/rebuild.py` from the files alone; the difference is over the largest logit of "
        f"the image. Compared were {first['images']['compared']:,} of {first['images']['rebuilt']:,} images: about the "
        "others, of trainings gone astray for the most part, the rounding of a sum decides.\n",
        table(("from the", "jobs", "largest difference"), rebuilt),
    ]


SECTIONS: dict[str, tuple[str, Callable[[Document], list[str]]]] = {
    "accuracy": ("Accuracy", _accuracy),
    "recipes": ("Which training is the default", _recipes),
    "crosssim": ("CrossSim's tutorial, as it is and as it counts", _crosssim),
    "cifar": ("A residual network on colour images", _cifar),
    "milo": ("A residual network in published resistive memory", _milo),
    "fsdd": ("Spoken digits", _fsdd),
    "bit_true": ("A digital side of whole numbers", _bit_true),
    "train_step": ("Cost of a training step", _steps),
    "cnn_step": ("Cost of a training step of a residual network", _steps_of_resnet),
    "cnn_chip": ("One chip of a residual network", _chip_of_resnet),
    "wires": ("Arrays with wires", _wires),
    "evaluate": ("Chips as built", _evaluate),
    "cuda": ("On a GPU", _cuda),
    "service": ("The server under load", _service),
    "fuzz_jobs": ("Random jobs", _fuzzed),
    "first_light": ("Jobs of examples/", _jobs),
    "chips": ("Five other chips", _jobs),
}


def main(arguments: list[str] | None = None) -> int:
    """Write the page, or say whether it is what the results say."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.results", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; 1 if the page differs")
    if not parser.parse_args(arguments).check:
        PAGE.write_text(page(), encoding="utf-8")
        return 0
    if PAGE.is_file() and PAGE.read_text(encoding="utf-8") == page():
        return 0
    print("docs/results.md is not what benchmarks/results/*.json say: run `python -m benchmarks.results`")
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
