"""A scenario's findings as a document, in English or Bokmål; computes nothing.

``content/`` says what the sections hold, without a language: sentences with numbers that know where in the
findings they stand. ``build`` puts them together, each format has a module, ``figures/`` draws.
"""
