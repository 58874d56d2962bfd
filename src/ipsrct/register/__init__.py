"""The synthetic employment register: an analytic model calibrated to the published evaluation.

Read in this order: ``design`` (who, and when they start), ``parameters`` and ``hazards`` (the chain),
``chain`` and ``moments`` (expectations without simulation), ``phases``, ``regressions`` and ``clusters``
(the report's regressions in expectation), ``anchors``, ``fitting`` and ``calibration`` (the fit),
``counterfactual`` (what the published table does not identify, and must be chosen). ``width_test`` shows why
Model 1 is read in steps.

Beside them: ``evaluation``, ``draw``, ``records``, ``candidates`` and ``replica`` (registers of persons),
``panels`` (employment of many trials at once),
``measures`` and ``measures_calibration`` (other labour-market measures), ``misreporting`` and
``shown_effect`` (register errors), ``correlation`` (baseline and follow-up), ``published`` and
``reproduction`` (published against reproduced).

Shipped fits, in ``data/``, are rewritten by ``python -m ipsrct.register.calibration`` and then
``python -m ipsrct.register.measures_calibration``.
"""
