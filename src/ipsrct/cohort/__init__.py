"""Parts of the kind ``cohort``: one file each."""
