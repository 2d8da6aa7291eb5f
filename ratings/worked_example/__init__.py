"""An example with its figures free to be moved, scored by the real scorer: the method's published one, or a product.

controls.py says what can be moved, settings.py reads a query into a setting, document.py makes the portfolio document
of a setting, comparison.py scores it beside the example as it stands; product_example.py makes an example of a product
of the register.
"""
