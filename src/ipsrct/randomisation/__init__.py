"""Parts of the kind ``randomisation``: one file each."""
