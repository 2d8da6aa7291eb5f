"""How well assessors agree: coefficients from tables of level pairs, their intervals, and the drift of one assessor.

Pure: numpy and itself. What is read and stored is qmm/services/agreement.py.
"""
