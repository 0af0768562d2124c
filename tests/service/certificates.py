"""Certificates made for a test."""
import os
import subprocess


def self_made(folder, name, subject_alternatives="IP:127.0.0.1,DNS:localhost"):
    """(certificate, key), PEM files; it is its own authority."""
    certificate, key = os.path.join(folder, f"{name}.pem"), os.path.join(folder, f"{name}.key")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
                    "2", "-subj", f"/CN={name}", "-addext", f"subjectAltName={subject_alternatives}", "-keyout", key, "-out",
                    certificate], check=True, capture_output=True)
    return certificate, key
