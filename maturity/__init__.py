"""The shared middle: the data contract, the store, the rules, the charts and the page frame."""
