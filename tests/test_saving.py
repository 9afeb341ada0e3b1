"""Saved networks: the same bit for bit, or one clear error. Never another exception."""

import copy
import errno
import io
import json
import os
import pickle
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursenn import (
    ACTIVATIONS,
    LOSSES,
    SGD,
    Adam,
    Dense,
    Dropout,
    ModelFileError,
    Network,
    cross_entropy,
    mlp,
    one_hot,
    sigmoid,
    tanh,
)
from coursenn.activations import LeakyReLU, Tanh
from coursenn.losses import SquaredError

X = np.random.default_rng(1).normal(size=(5, 3))
FUNCTIONS = {**ACTIVATIONS, "steep": LeakyReLU(0.1 + 0.2)}  # a slope of 17 digits


def network(f=tanh, loss=cross_entropy, **options):
    return Network([Dense(3, 4, f), Dropout(0.3), Dense(4, 2)], loss, **{"rng": 0} | options)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """The bytes of a small saved network."""
    path = tmp_path_factory.mktemp("model") / "net.npz"
    mlp([3, 2], loss=cross_entropy, rng=0).save(path)
    return path.read_bytes()


def parts(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: np.load(io.BytesIO(archive.read(name))) for name in archive.namelist()}


def tampered(path, model, change=None, **arrays):
    """Write model to path with its header changed, or with other arrays in it."""
    found = {name.removesuffix(".npy"): array for name, array in parts(model).items()}
    header = json.loads(str(found["header"]))
    if change is not None:
        header = change(header) or header
    found["header"] = np.array(json.dumps(header))
    np.savez(path, **found | arrays)
    return path


# Round trips


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("f", FUNCTIONS)
def test_a_loaded_network_predicts_the_same_bit_for_bit(tmp_path, f, loss, dtype):
    net = network(FUNCTIONS[f], LOSSES[loss], dtype=dtype, l2=0.1)
    net.theta += np.random.default_rng(2).normal(size=net.theta.size).astype(dtype)
    net.save(tmp_path / "net.npz")
    twin = Network.load(tmp_path / "net.npz")
    np.testing.assert_array_equal(twin.predict(X), net.predict(X))
    assert repr(twin) == repr(net)
    assert (twin.dtype, twin.l2, twin.layers[1].p) == (net.dtype, 0.1, 0.3)
    if f == "steep":
        assert twin.layers[0].f.slope == 0.1 + 0.2


def test_a_loaded_network_learns_on_as_the_saved_one_would(tmp_path):
    net = network(l2=0.1)
    net.save(tmp_path / "net.npz")
    twin = Network.load(tmp_path / "net.npz", rng=7)
    net.rng = np.random.default_rng(7)
    for each in (net, twin):
        adam = Adam(0.1)
        for _ in range(3):
            each.loss_and_grad(X, one_hot([0, 1, 0, 1, 1], 2))
            adam.step(each.theta, each.grad)
    np.testing.assert_array_equal(twin.theta, net.theta)


@pytest.mark.parametrize(
    "clone",
    [copy.copy, copy.deepcopy, lambda net: pickle.loads(pickle.dumps(net))],
    ids=["copy", "deepcopy", "pickle"],
)
def test_copies_of_a_loaded_network_look_into_their_own_theta(tmp_path, clone):
    network().save(tmp_path / "net.npz")
    loaded = Network.load(tmp_path / "net.npz")
    twin = clone(loaded)
    np.testing.assert_array_equal(twin(X), loaded(X))
    for net in (loaded, twin):
        assert all(np.shares_memory(W, net.theta) for W in net.params)
        before = net(X)
        net.layers[0].W[...] += 1
        assert not np.array_equal(net(X), before)
    twin.save(tmp_path / "again.npz")
    np.testing.assert_array_equal(Network.load(tmp_path / "again.npz")(X), twin(X))


def test_the_path_may_be_a_string_and_keeps_its_name(tmp_path):
    net = network()
    net.save(str(tmp_path / "net.model"))
    assert os.listdir(tmp_path) == ["net.model"]
    np.testing.assert_array_equal(Network.load(str(tmp_path / "net.model"))(X), net(X))


def test_a_network_of_numpy_knobs_is_saved_as_well(tmp_path):
    f = LeakyReLU(np.float32(0.25))
    net = Network([Dense(np.int64(3), 2, f), Dropout(np.float32(0.5))], l2=np.float32(0.5), rng=0)
    net.save(tmp_path / "net.npz")
    np.testing.assert_array_equal(Network.load(tmp_path / "net.npz")(X), net(X))


def test_loading_draws_nothing_from_the_generator_that_is_not_dropout(tmp_path):
    """The same masks follow whether or not weights were drawn on the way."""
    net = network()
    net.save(tmp_path / "net.npz")
    states = [Network.load(tmp_path / "net.npz", rng=3).rng.bit_generator.state for _ in range(2)]
    assert states[0] == states[1] == np.random.default_rng(3).bit_generator.state


# What is in the file


def test_the_file_holds_a_readable_header_and_theta_and_no_pickle(tmp_path):
    net = network(l2=0.5)
    net.save(tmp_path / "net.npz")
    with np.load(tmp_path / "net.npz", allow_pickle=False) as archive:
        assert sorted(archive.files) == ["header", "theta"]
        np.testing.assert_array_equal(archive["theta"], net.theta)
        assert json.loads(str(archive["header"])) == {
            "format": "coursenn network",
            "version": 1,
            "layers": [
                {"type": "Dense", "n_in": 3, "n_out": 4, "f": {"type": "Tanh"}},
                {"type": "Dropout", "p": 0.3},
                {"type": "Dense", "n_in": 4, "n_out": 2, "f": {"type": "Identity"}},
            ],
            "loss": {"type": "CrossEntropy"},
            "l1": 0.0,
            "l2": 0.5,
            "max_norm": None,
            "dtype": "float32",
        }


def test_the_file_is_hardly_larger_than_theta(tmp_path):
    mlp([784, 30, 10], rng=0).save(tmp_path / "net.npz")
    assert 4 * 23_860 < (tmp_path / "net.npz").stat().st_size < 4 * 23_860 + 4000


# What cannot be saved


class OwnActivation(Tanh):
    pass


class OwnLoss(SquaredError):
    pass


class OwnLayer(Dense):
    pass


@pytest.mark.parametrize(
    "net",
    [
        Network([Dense(3, 2, OwnActivation())]),
        Network([Dense(3, 2)], OwnLoss()),
        Network([OwnLayer(3, 2)]),
    ],
    ids=["activation", "loss", "layer"],
)
def test_what_a_file_could_not_bring_back_is_not_saved(tmp_path, net):
    with pytest.raises(TypeError, match=r"cannot be saved: only.*Save net.theta with np.save"):
        net.save(tmp_path / "net.npz")
    assert not list(tmp_path.iterdir())


def test_a_network_that_diverged_does_not_replace_a_good_file(tmp_path):
    net = network()
    net.save(tmp_path / "net.npz")
    good = net(X)
    net.theta[3] = np.nan
    with pytest.raises(ValueError, match=r"theta must be finite; entry \(3,\) is nan"):
        net.save(tmp_path / "net.npz")
    np.testing.assert_array_equal(Network.load(tmp_path / "net.npz")(X), good)


class FullDisk(io.BytesIO):
    """Takes 100 bytes, as the last sectors of a disk would."""

    def __init__(self, file):
        super().__init__()
        self.file, self.room = file, 100

    def write(self, data):
        self.room -= len(data)
        if self.room < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return self.file.write(data)

    def close(self):
        self.file.close()


def test_when_the_disk_is_full_the_old_file_stays_and_nothing_else_is_left(tmp_path, monkeypatch):
    net = network()
    net.save(tmp_path / "net.npz")
    good = (tmp_path / "net.npz").read_bytes()
    net.theta += 1
    monkeypatch.setattr("builtins.open", lambda path, mode, real=open: FullDisk(real(path, mode)))
    with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
        net.save(tmp_path / "net.npz")
    monkeypatch.undo()
    assert (tmp_path / "net.npz").read_bytes() == good
    assert os.listdir(tmp_path) == ["net.npz"]


# Damage


def load_or_refuse(path, theta):
    """Load: either the network that was saved, or a ModelFileError that names the file."""
    try:
        net = Network.load(path)
    except ModelFileError as error:
        assert str(path) in str(error)  # noqa: PT017
        return False
    np.testing.assert_array_equal(net.theta, theta)
    assert repr(net) == "Network([Dense(3, 2)], CrossEntropy, 8 parameters)"
    return True


def test_a_truncated_file_is_refused_at_every_length(tmp_path, model):
    path = tmp_path / "net.npz"
    for length in range(len(model)):
        path.write_bytes(model[:length])
        assert not load_or_refuse(path, None), f"{length} of {len(model)} bytes were enough"


def test_one_flipped_bit_gives_the_same_network_or_a_clear_error(tmp_path, model):
    """Every byte, each with a bit of its own choice; and no bit of theta goes unnoticed."""
    path, theta = tmp_path / "net.npz", parts(model)["theta.npy"]
    refused = 0
    for i in range(len(model)):
        damaged = bytearray(model)
        damaged[i] ^= 1 << (i % 8)
        path.write_bytes(damaged)
        refused += not load_or_refuse(path, theta)
    assert refused > len(model) / 2


@settings(max_examples=300)
@given(st.data())
def test_any_damage_gives_the_same_network_or_a_clear_error(tmp_path_factory, model, data):
    theta = parts(model)["theta.npy"]
    damaged = bytearray(model)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(damaged) - 1))
        kind = data.draw(st.sampled_from(["set", "cut", "insert"]))
        some = data.draw(st.binary(min_size=1, max_size=8))
        end = {"set": place + len(some), "cut": place + 4, "insert": place}[kind]
        damaged[place:end] = b"" if kind == "cut" else some
        if not damaged:
            break
    path = tmp_path_factory.getbasetemp() / "damaged.npz"
    path.write_bytes(damaged)
    load_or_refuse(path, theta)


@settings(max_examples=100)
@given(st.binary(max_size=200))
def test_any_bytes_at_all_are_refused(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any.npz"
    path.write_bytes(content)
    with pytest.raises(ModelFileError, match=r"any\.npz"):
        Network.load(path)


# Foreign files


def bytes_of(save, *args, **kwargs):
    file = io.BytesIO()
    save(file, *args, **kwargs)
    return file.getvalue()


class Bomb:
    """Unpickling it leaves a file behind."""

    def __reduce__(self):
        return os.mkdir, ("exploded",)


FOREIGN = {
    "empty": b"",
    "text": b"These are my weights: 1, 2, 3\n",
    "json": b'{"format": "coursenn network", "version": 1}',
    "png": b"\x89PNG\r\n\x1a\n" + bytes(100),
    "gzip": b"\x1f\x8b\x08" + bytes(50),
    "zip of nothing": bytes_of(lambda file: zipfile.ZipFile(file, "w").close()),
    "npy": bytes_of(np.save, np.ones(3)),
    "other npz": bytes_of(np.savez, a=np.ones(3)),
    "pickle": pickle.dumps(Bomb()),
    "pickle in theta": bytes_of(np.savez, header=np.array("{}"), theta=np.array([Bomb()])),
    "pickle in header": bytes_of(np.savez, header=np.array([Bomb()]), theta=np.ones(3)),
}


@pytest.mark.parametrize("content", FOREIGN.values(), ids=FOREIGN)
def test_foreign_files_are_refused_and_nothing_in_them_is_run(tmp_path, monkeypatch, content):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.npz").write_bytes(content)
    with pytest.raises(ModelFileError, match=r"net\.npz .*(not a (saved )?network|header)"):
        Network.load(tmp_path / "net.npz")
    assert os.listdir(tmp_path) == ["net.npz"]


def test_the_bomb_of_these_tests_would_explode_if_it_were_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pickle.loads(FOREIGN["pickle"])
    assert (tmp_path / "exploded").is_dir()


def test_a_missing_file_and_a_folder_are_named_by_the_system(tmp_path):
    with pytest.raises(FileNotFoundError, match="nothing"):
        Network.load(tmp_path / "nothing.npz")
    with pytest.raises(OSError, match=str(tmp_path)):
        Network.load(tmp_path)


# Tampering


def set_(place, value):
    """Return a change of the header: ``set_("layers 0 n_in", 5)``."""

    def change(header):
        *path, last = [int(key) if key.isdigit() else key for key in place.split()]
        for key in path:
            header = header[key]
        header[last] = value

    return change


def drop(key):
    return lambda header: header.pop(key) and None


def replace(value):
    return lambda header: value


CHANGES = {
    "too many inputs": set_("layers 0 n_in", 5),
    "huge n_in": set_("layers 0 n_in", 10**12),
    "n_in beyond every integer": set_("layers 0 n_in", 10**400),
    "n_in 0": set_("layers 0 n_in", 0),
    "n_in negative": set_("layers 0 n_in", -3),
    "n_in a float": set_("layers 0 n_in", 3.0),
    "n_in true": set_("layers 0 n_in", True),
    "n_in a string": set_("layers 0 n_in", "3"),
    "n_in a list": set_("layers 0 n_in", [3]),
    "unknown layer": set_("layers 0 type", "Conv"),
    "layer without type": set_("layers 0", {"n_in": 3, "n_out": 2}),
    "type not a string": set_("layers 0 type", ["Dense"]),
    "a builtin": set_("layers 0 type", "eval"),
    "unknown knob": set_("layers 0 momentum", 1),
    "an initializer": set_("layers 0 init", {"type": "Sigmoid"}),
    "an initializer 3": set_("layers 0 init", 3),
    "activation a loss": set_("layers 0 f", {"type": "SquaredError"}),
    "activation a name": set_("layers 0 f", "tanh"),
    "activation a number": set_("layers 0 f", 3),
    "layer a number": set_("layers 0", 3),
    "layer null": set_("layers 0", None),
    "layer a loss": set_("layers 0", {"type": "SquaredError"}),
    "no layers": set_("layers", []),
    "layers a number": set_("layers", 3),
    "layers a string": set_("layers", "Dense"),
    "layers missing": drop("layers"),
    "dropout only": set_("layers", [{"type": "Dropout", "p": 0.5}]),
    "dropout of all": set_("layers", [{"type": "Dropout", "p": 1.0}]),
    "slope of 7": set_("layers 0 f", {"type": "LeakyReLU", "slope": 7}),
    "loss a layer": set_("loss", {"type": "Dropout", "p": 0.5}),
    "loss unknown": set_("loss", {"type": "Huber"}),
    "loss a number": set_("loss", 1),
    "loss missing": drop("loss"),
    "l2 a string": set_("l2", "x"),
    "l2 negative": set_("l2", -1),
    "l2 nan": set_("l2", float("nan")),
    "l2 infinite": set_("l2", float("inf")),
    "l2 beyond every float": set_("l2", 10**400),
    "l2 missing": drop("l2"),
    "l1 a string": set_("l1", "x"),
    "l1 missing": drop("l1"),
    "max_norm a string": set_("max_norm", "x"),
    "max_norm negative": set_("max_norm", -1),
    "max_norm missing": drop("max_norm"),
    "another dtype": set_("dtype", "float64"),
    "dtype a list": set_("dtype", [1]),
    "dtype missing": drop("dtype"),
    "header a list": replace([1, 2]),
    "header a string": replace("coursenn network"),
    "header a number": replace(3),
    "format missing": drop("format"),
    "another format": set_("format", "another network"),
    "version missing": drop("version"),
    "version a string": set_("version", "1"),
    "version 0": set_("version", 0),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_tampered_architecture_is_refused(tmp_path, model, change):
    path = tampered(tmp_path / "net.npz", model, change)
    with pytest.raises(ModelFileError, match=r"net\.npz"):
        Network.load(path)


def test_a_file_that_was_not_tampered_with_passes_the_same_way(tmp_path, model):
    assert load_or_refuse(tampered(tmp_path / "net.npz", model), parts(model)["theta.npy"])


def npy_that_says(shape, dtype="<f4", content=bytes(32)):
    header = repr({"descr": dtype, "fortran_order": False, "shape": shape}).ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() + content


def zip_of(model, **members):
    with zipfile.ZipFile(io.BytesIO(model)) as archive:
        found = {name: archive.read(name) for name in archive.namelist()}
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in (found | {f"{k}.npy": v for k, v in members.items()}).items():
            archive.writestr(name, content)
    return file.getvalue()


THETAS = {
    "nan": np.full(8, np.nan, np.float32),
    "inf": np.full(8, np.inf, np.float32),
    "too short": np.ones(7, np.float32),
    "too long": np.ones(9, np.float32),
    "a matrix": np.ones((4, 2), np.float32),
    "integers": np.ones(8, np.int32),
    "float64": np.ones(8),
    "float16": np.ones(8, np.float16),
    "big-endian": np.ones(8, ">f4"),
    "complex": np.ones(8, np.complex64),
    "strings": np.array(["1"] * 8),
    "records": np.ones(8, [("a", "f4")]),
    "one number": np.float32(1),
}


@pytest.mark.parametrize("theta", THETAS.values(), ids=THETAS)
def test_a_theta_that_does_not_fit_is_refused(tmp_path, model, theta):
    with pytest.raises(ModelFileError, match=r"net\.npz.*(theta|network)"):
        Network.load(tampered(tmp_path / "net.npz", model, theta=theta))


@pytest.mark.parametrize(
    "theta",
    [
        npy_that_says((10**9,)),
        npy_that_says((10**18,)),
        npy_that_says((-8,)),
        npy_that_says((10**400,)),
        npy_that_says((8,), "<U0"),
        npy_that_says((8,), "O"),
        npy_that_says("8"),
        npy_that_says((8,), content=b""),
        b"\x93NUMPY\x01\x00\xff\xff",
        bytes_of(np.savez, theta=np.ones(8, np.float32)),
        b"",
    ],
)
def test_a_theta_that_lies_about_itself_is_refused(tmp_path, model, theta):
    (tmp_path / "net.npz").write_bytes(zip_of(model, theta=theta))
    with pytest.raises(ModelFileError, match=r"net\.npz"):
        Network.load(tmp_path / "net.npz")


def test_deep_nesting_is_refused_in_the_text_and_in_the_architecture(tmp_path, model):
    for depth in (50, 300, 900, 100_000):
        text = "[" * depth + "]" * depth
        np.savez(tmp_path / "net.npz", header=np.array(text), theta=np.ones(8, np.float32))
        with pytest.raises(ModelFileError, match="header"):
            Network.load(tmp_path / "net.npz")
        nested = '{"f": ' * depth + "1" + "}" * depth
        header = json.loads(str(parts(model)["header.npy"])) | {"layers": "HERE"}
        text = json.dumps(header).replace('"HERE"', f"[{nested}]")
        np.savez(tmp_path / "net.npz", header=np.array(text), theta=np.ones(8, np.float32))
        with pytest.raises(ModelFileError, match=r"net\.npz"):
            Network.load(tmp_path / "net.npz")


def test_compressed_files_are_refused_since_they_could_be_of_any_size(tmp_path, model):
    found = {name.removesuffix(".npy"): array for name, array in parts(model).items()}
    found["theta"] = np.zeros(10**6, np.float32)
    np.savez_compressed(tmp_path / "net.npz", **found)
    with pytest.raises(ModelFileError, match="holds compressed data"):
        Network.load(tmp_path / "net.npz")


def test_more_or_fewer_members_are_refused_by_name(tmp_path, model):
    tampered(tmp_path / "net.npz", model, extra=np.ones(1))
    with pytest.raises(ModelFileError, match=r"archive of .*extra\.npy.*not a saved network"):
        Network.load(tmp_path / "net.npz")


def test_a_newer_version_says_that_a_newer_coursenn_may_read_it(tmp_path, model):
    tampered(tmp_path / "net.npz", model, set_("version", 2))
    with pytest.raises(ModelFileError, match=r"of version 2; .*of version 1. A newer coursenn may"):
        Network.load(tmp_path / "net.npz")


def test_a_tampered_file_does_not_cost_the_memory_it_asks_for(tmp_path, model):
    """10^12 inputs would be 8 TB; the file is refused in a megabyte or so."""
    import tracemalloc

    tampered(tmp_path / "net.npz", model, set_("layers 0 n_in", 10**12))
    tracemalloc.start()
    with pytest.raises(ModelFileError, match="need 2000000000002 numbers"):
        Network.load(tmp_path / "net.npz")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2**20


def test_further_training_with_another_optimizer_works_after_loading(tmp_path):
    net = mlp([3, 2], sigmoid, rng=0)
    net.save(tmp_path / "net.npz")
    twin = Network.load(tmp_path / "net.npz", rng=0)
    twin.loss_and_grad(X, np.zeros((5, 2)))
    before = twin(X)
    SGD(0.1).step(twin.theta, twin.grad)
    assert not np.array_equal(twin(X), before)
