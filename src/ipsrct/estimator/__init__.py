"""Parts of the kind ``estimator``: one file each."""
