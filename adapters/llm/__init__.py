"""Language models: providers behind one port, and the gateway in front of them."""
