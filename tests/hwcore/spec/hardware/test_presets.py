"""The presets that ship: each is valid, explained, and what its name says."""

import pytest

from hwcore.errors import InvalidInput
from hwcore.spec import (
    AdditiveProgramming,
    Preset,
    component_tables,
    load_preset,
    parse_hardware,
    present_effects,
    presets,
    representable,
    times_of,
)


def test_the_presets_are_known_by_name() -> None:
    assert [preset.name for preset in presets()] == [
        "fefet-2b",
        "ideal",
        "pcm-joshi-2020",
        "rram-cmo-2025",
        "rram-generic-3b",
        "rram-milo-2021",
        "rram-wan-2022",
        "sonos",
        "sram-4b",
    ]


@pytest.mark.parametrize(
    ("name", "levels", "ratio", "spacing"),
    [
        ("ideal", 256, None, "linear"),
        ("sram-4b", 16, None, "binary_weighted"),
        ("fefet-2b", 4, 100, "binary_weighted"),
        ("rram-generic-3b", 8, 40, "linear"),
        ("pcm-joshi-2020", 16, 100, "linear"),
        ("rram-cmo-2025", 32, 9.8, "linear"),
        ("rram-milo-2021", 5, 4.5, "linear"),
        ("rram-wan-2022", 8, 40, "linear"),
        ("sonos", 16, 1e7, "linear"),
    ],
)
def test_a_preset_is_what_its_name_says(name: str, levels: int, ratio: float | None, spacing: str) -> None:
    cell = load_preset(name).hardware.cell
    assert (cell.levels, cell.on_off_ratio, cell.spacing.type) == (levels, ratio, spacing)
    assert len(representable(load_preset(name).hardware).value) == 2 * levels - 1


@pytest.mark.parametrize("preset", presets(), ids=lambda preset: preset.name)
def test_every_preset_tells_what_is_published_from_what_was_chosen(preset: object) -> None:
    reference = getattr(preset, "reference", "")
    assert "hoice" in reference
    assert "doi:" in reference or "arXiv:" in reference or reference.startswith("No device")
    assert getattr(preset, "title", "")


def test_the_noise_of_the_generic_rram_is_what_its_reference_says() -> None:
    # PHYSICS: after one second sigma = sum c_i x^i, in uS, with g_max 40 uS; here at x = 1/2.
    coefficients = [0.348, 16.030, -43.853, 45.393, -16.815]
    sigma = sum(c * 0.5**i for i, c in enumerate(coefficients))
    programming = load_preset("rram-generic-3b").hardware.noise.programming
    assert isinstance(programming, AdditiveProgramming)
    assert programming.sigma_ratio == pytest.approx(sigma / 40, rel=0.02)
    assert component_tables(load_preset("rram-generic-3b").hardware.cell).g_pos[-1] == 40e-6


@pytest.mark.parametrize(
    ("name", "type_", "lowest", "highest"),
    [
        ("pcm-joshi-2020", "pcm_joshi_2020", 0.25e-6, 25e-6),
        ("rram-cmo-2025", "rram_cmo_2025", 9e-6, 88.2e-6),
        ("rram-milo-2021", "rram_milo_2021", 50e-6, 225e-6),
        ("rram-wan-2022", "rram_wan_2022_aihwkit", 1e-6, 40e-6),
        ("sonos", "sonos_agrawal_2022", 1.6e-12, 16e-6),
    ],
)
def test_a_published_device_has_its_own_noise_and_conductances(
    name: str, type_: str, lowest: float, highest: float
) -> None:
    hardware = load_preset(name).hardware
    programming, table = hardware.noise.programming, component_tables(hardware.cell).g_pos
    assert programming is not None
    assert programming.type == type_
    assert (table[0], table[-1]) == pytest.approx((lowest, highest), rel=1e-12)


@pytest.mark.parametrize("preset", presets(), ids=lambda preset: preset.name)
def test_a_preset_has_the_effects_that_there_are_models_for(preset: Preset) -> None:
    effects = {"pcm-joshi-2020": ("programming", "read", "drift"), "sonos": ("programming", "read")}
    written = ("programming",) if preset.name.startswith("rram") else ()
    assert present_effects(preset.hardware) == effects.get(preset.name, written)


def test_the_phase_change_memory_drifts_and_is_compensated_per_tile() -> None:
    noise = load_preset("pcm-joshi-2020").hardware.noise
    assert noise.drift is not None
    assert noise.drift.type == "pcm_joshi_2020"
    assert noise.drift.compensation == "per_tile"
    assert times_of(load_preset("pcm-joshi-2020").hardware, None) == (20.0, 3600.0, 86400.0, 31536000.0)


@pytest.mark.parametrize("name", ["pcm-joshi-2020", "sonos"])
def test_programming_alone_is_what_is_left_when_the_others_are_null(name: str) -> None:
    given = load_preset(name).hardware.model_dump(mode="json")
    alone = parse_hardware({**given, "noise": {**given["noise"], "drift": None, "read": None}})
    assert present_effects(alone) == ("programming",)
    assert alone.model_dump(mode="json")["noise"] == {"programming": given["noise"]["programming"]}
    assert "null there is the programming noise alone" in load_preset(name).reference


def test_an_unknown_preset_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InvalidInput) as caught:
        load_preset("rram-3b")
    (fault,) = caught.value.faults
    assert fault.got == '"rram-3b"'
    assert all(f'"{preset.name}"' in fault.allowed for preset in presets())
    assert 'did you mean "sram-4b"?' in fault.message
