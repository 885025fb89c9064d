def render(summary, *, command): return ""
