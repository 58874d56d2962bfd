"""The synthetic employment register: an analytic model calibrated to the published evaluation."""
