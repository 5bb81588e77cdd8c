"""One cluster for all tests of this folder; whoever harms it waits until it is whole again."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from random import randrange

import pytest

from tests.cluster.https_client import HttpsClient
from tests.cluster.running_cluster import RunningCluster


@pytest.fixture(scope="session")
def cluster() -> Iterator[RunningCluster]:
    cluster = RunningCluster()
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
        left = cluster.processes()
        shutil.rmtree(cluster.folder, ignore_errors=True)
    assert left == []


@pytest.fixture
def visitor(cluster: RunningCluster) -> HttpsClient:
    """Somebody who isn't logged in, from an address that no limit has counted anything of."""
    return HttpsClient(cluster, f"127.1.{randrange(256)}.{randrange(1, 255)}")
