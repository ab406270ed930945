"""One module in three forms: smooth, straight-through, hard; and what casts, copies and files do to it."""

import copy
import io

import pytest
import torch
from torch import nn

from hwcore.quant import Staircase, hard_staircase, smooth_slope, smooth_staircase, thresholds
from tests.hwcore.quant.reference import EQUAL, NO_ZERO, table

THETA = torch.linspace(-1.3, 1.3, 131, dtype=torch.float64)


def test_training_is_smooth_and_evaluation_hard() -> None:
    staircase = Staircase(table(NO_ZERO), sharpness=3.0)
    torch.testing.assert_close(staircase(THETA), smooth_staircase(THETA, table(NO_ZERO), 3.0), rtol=0, atol=5e-3)
    assert torch.equal(staircase.eval()(THETA), hard_staircase(THETA, table(NO_ZERO)))
    again = staircase.train()(THETA)
    torch.testing.assert_close(again, smooth_staircase(THETA, table(NO_ZERO), 3.0), rtol=0, atol=5e-3)


def test_the_gradient_in_training_is_the_slope_of_the_formula() -> None:
    theta = THETA.clone().requires_grad_()
    Staircase(table(NO_ZERO), sharpness=3.0)(theta).sum().backward()
    assert theta.grad is not None
    torch.testing.assert_close(theta.grad, smooth_slope(THETA, table(NO_ZERO), 3.0), rtol=0, atol=0.02)


def test_straight_through_is_hard_in_both_modes() -> None:
    staircase = Staircase(table(NO_ZERO), method="straight_through")
    theta = THETA.clone().requires_grad_()
    found = staircase(theta)
    assert torch.equal(found, hard_staircase(THETA, table(NO_ZERO)))
    found.sum().backward()
    assert theta.grad is not None
    assert torch.equal(theta.grad, ((THETA >= -0.75) & (THETA <= 1)).double())
    assert torch.equal(staircase.eval()(THETA), found)


def test_the_identity_is_no_staircase_in_either_mode() -> None:
    staircase = Staircase(table(NO_ZERO), method="identity")
    theta = (3 * THETA).requires_grad_()
    found = staircase(theta)
    assert torch.equal(found, theta)
    found.sum().backward()
    assert theta.grad is not None
    assert torch.equal(theta.grad, torch.ones_like(theta))
    assert torch.equal(staircase.eval()(theta), theta)


def test_the_hard_value_of_a_tie_is_the_upper_one_up_to_rounding() -> None:
    staircase = Staircase(table(EQUAL)).eval()
    assert staircase.index(thresholds(table(EQUAL))).tolist() == [1, 2]
    assert staircase.index(thresholds(table(EQUAL)) - 1e-15).tolist() == [1, 2]
    assert staircase.index(thresholds(table(EQUAL)) - 1e-8).tolist() == [0, 1]


def test_the_index_names_the_hard_value() -> None:
    staircase = Staircase(table(NO_ZERO))
    assert torch.equal(staircase.exact[staircase.index(THETA)], hard_staircase(THETA, table(NO_ZERO)))
    assert torch.equal(staircase.exact[staircase.index(THETA.float())], staircase.eval()(THETA.float().double()))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_dtype_is_that_of_theta(dtype: torch.dtype) -> None:
    for mode in (True, False):
        for method in ("smooth", "straight_through", "identity"):
            staircase = Staircase(table(NO_ZERO), method=method).train(mode)
            assert staircase(THETA.to(dtype)).dtype == dtype


def test_sharpen_changes_the_form_at_once() -> None:
    staircase = Staircase(table(EQUAL), sharpness=1.0)
    soft = staircase(THETA)
    staircase.sharpen(40.0)
    assert staircase.sharpness == 40.0
    sharp = staircase(THETA)
    hard = hard_staircase(THETA, table(EQUAL))
    assert (sharp - hard).abs().mean() < 0.1 * (soft - hard).abs().mean()
    staircase.sharpen(1.0)
    assert torch.equal(staircase(THETA), soft)


@pytest.mark.parametrize("sharpness", [0.0, -1.0, float("nan"), float("inf")])
def test_a_sharpness_that_is_none_is_refused(sharpness: float) -> None:
    with pytest.raises(ValueError, match="allowed: a number above 0"):
        Staircase(table(EQUAL), sharpness=sharpness)
    staircase = Staircase(table(EQUAL), sharpness=2.0)
    with pytest.raises(ValueError, match="allowed: a number above 0"):
        staircase.sharpen(sharpness)
    assert staircase.sharpness == 2.0


@pytest.mark.parametrize("values", [[1.0], [1.0, 1.0], [0.0, 1.0, 0.5], [0.0, float("nan")]])
def test_values_that_do_not_increase_are_refused(values: list[float]) -> None:
    with pytest.raises(ValueError, match="strictly increasing"):
        Staircase(table(values))


def test_an_unknown_method_is_refused() -> None:
    # The type checks of the test run would refuse it before the module does.
    build = Staircase.__init__
    while hasattr(build, "__wrapped__"):
        build = build.__wrapped__
    with pytest.raises(ValueError, match="got 'soft'; allowed: smooth, straight_through, identity"):
        build(Staircase.__new__(Staircase), table(EQUAL), method="soft")


def test_casts_do_not_round_the_values() -> None:
    third = table([-1 / 3, 0.0, 1 / 3])
    staircase = Staircase(third)
    assert torch.equal(staircase.float().half().double().exact, third)
    assert staircase.exact.dtype == torch.float64
    network = nn.Sequential(nn.Linear(2, 2), Staircase(third)).float().double().eval()
    assert set(network[1](THETA).tolist()) == {-1 / 3, 0.0, 1 / 3}


def test_a_cast_forgets_the_table_of_the_other_dtype() -> None:
    staircase = Staircase(table(EQUAL), sharpness=4.0)
    assert staircase(THETA.float()).dtype == torch.float32
    assert staircase(THETA).dtype == torch.float64
    assert staircase(THETA.float()).dtype == torch.float32


def test_a_copy_is_independent() -> None:
    staircase = Staircase(table(EQUAL), sharpness=4.0)
    before = staircase(THETA)
    twin = copy.deepcopy(staircase)
    twin.sharpen(40.0)
    twin.eval()
    assert torch.equal(staircase(THETA), before)
    assert staircase.training
    assert torch.equal(twin.exact, staircase.exact)


def test_it_puts_where_the_schedule_is_into_the_state_dict_and_nothing_of_the_chip() -> None:
    staircase = Staircase(table(EQUAL))
    staircase.sharpen(3.0, 0.25)
    staircase(THETA)
    assert {name: value.tolist() for name, value in staircase.state_dict().items()} == {"schedule": [3.0, 0.25]}
    assert not list(staircase.parameters())
    # Weights trained on one chip load into a network for another one.
    first, second = (nn.Sequential(nn.Linear(2, 2), Staircase(table(v))) for v in (EQUAL, NO_ZERO))
    file = io.BytesIO()
    torch.save(first.state_dict(), file)
    file.seek(0)
    second.load_state_dict(torch.load(file, weights_only=True))
    assert torch.equal(first[0].weight, second[0].weight)
    assert torch.equal(second[1].exact, table(NO_ZERO))


@pytest.mark.parametrize("cast", [torch.float32, torch.float16])
def test_a_training_that_is_loaded_goes_on_where_it_was(cast: torch.dtype) -> None:
    first, again = (nn.Sequential(nn.Linear(2, 2), Staircase(table(EQUAL))) for _ in range(2))
    again(torch.zeros(1, 2))  # Its table is that of another sharpness, and has to go.
    first[1].sharpen(5.3, 0.7)
    again.load_state_dict(first.to(cast).state_dict())
    assert (again[1].sharpness, again[1].hardness) == (5.3, 0.7)
    assert torch.equal(again[1](THETA), first[1](THETA))


def test_a_state_dict_without_a_schedule_leaves_it_and_a_wrong_one_is_refused() -> None:
    staircase = Staircase(table(EQUAL), sharpness=4.0)
    network = nn.Sequential(nn.Linear(2, 2), staircase)
    network.load_state_dict({"0.weight": torch.zeros(2, 2), "0.bias": torch.zeros(2)})
    assert (staircase.sharpness, staircase.hardness) == (4.0, 0.0)
    for wrong in (torch.tensor([torch.nan, 0.0]), torch.tensor([2.0, 1.5]), torch.tensor([1.0]), torch.tensor(1.0), 7):
        with pytest.raises(RuntimeError, match=r"1\.schedule: got .*; allowed: a sharpness and a hardness"):
            network.load_state_dict({**network.state_dict(), "1.schedule": wrong})
    with pytest.raises(RuntimeError, match="Unexpected key"):
        network.load_state_dict({**network.state_dict(), "1.other": torch.zeros(2)})


def test_shared_by_two_parents_it_is_one() -> None:
    shared = Staircase(table(EQUAL), sharpness=2.0)
    network = nn.ModuleList([nn.Sequential(shared), nn.Sequential(shared)])
    twin = copy.deepcopy(network).double()
    assert twin[0][0] is twin[1][0]
    twin[0][0].sharpen(30.0)
    assert torch.equal(twin[0](THETA), twin[1](THETA))
    assert shared.sharpness == 2.0
    network.eval()
    assert torch.equal(network[1](THETA), hard_staircase(THETA, table(EQUAL)))


def test_print_says_what_it_is() -> None:
    assert repr(Staircase(table(EQUAL), sharpness=2.5)) == "Staircase(levels=3, method=smooth, sharpness=2.5)"
