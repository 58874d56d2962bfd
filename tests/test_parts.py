"""Parts are found by name."""

from __future__ import annotations

from pathlib import Path

import pytest

import ipsrct
from ipsrct import _parts

PACKAGE = Path(ipsrct.__file__).parent


@pytest.mark.parametrize("family", _parts.FAMILIES)
def test_every_file_is_a_kind_of_its_name(family):
    files = sorted(f.stem for f in (PACKAGE / family).glob("*.py") if not f.stem.startswith("_"))
    found = _parts.kinds(family)
    assert list(found) == files
    for kind, part in found.items():
        assert part.model_fields["kind"].annotation.__args__ == (kind,)
        assert part.__name__.lower() == kind.replace("_", "")


def test_new_file_is_a_new_kind(tmp_path, monkeypatch):
    """A file dropped into a family's folder is listed and built without editing anything else."""
    source = (PACKAGE / "randomisation" / "complete.py").read_text()
    new = source.replace("class Complete", "class FairCoin").replace('["complete"]', '["fair_coin"]')
    (tmp_path / "fair_coin.py").write_text(new)
    import ipsrct.randomisation

    monkeypatch.setattr(ipsrct.randomisation, "__path__", [*ipsrct.randomisation.__path__, str(tmp_path)])
    _parts.kinds.cache_clear()
    try:
        assert _parts.kinds("randomisation")["fair_coin"].__name__ == "FairCoin"
    finally:
        _parts.kinds.cache_clear()
