"""A certificate for 127.0.0.1 that signed itself, as redis-server's options."""

import subprocess
from pathlib import Path


def tls_options(folder: Path) -> dict[str, str]:
    """All but the port; clients need no certificate."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    make_certificate = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
        f" -keyout {key} -out {certificate} -subj /CN=redis -addext subjectAltName=IP:127.0.0.1"
    )
    subprocess.run(make_certificate.split(), check=True, capture_output=True)
    files = {"tls-cert-file": str(certificate), "tls-key-file": str(key), "tls-ca-cert-file": str(certificate)}
    return {"tls-auth-clients": "no", **files}
