"""品质保障, the quality behind the promise: how often units fail, whether a batch goes bad, what the promise costs and will cost."""
