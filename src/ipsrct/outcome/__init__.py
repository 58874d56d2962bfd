"""Parts of the kind ``outcome``: one file each."""
