namespace Rebound.Inference.Generation;

/// <summary>
/// Draws a sequence away from what another prompt would give: logits = p + w·(p − n), p being those after the sequence's own
/// prompt, n those after the opposite one followed by the same tokens (classifier-free guidance with a negative prompt,
/// Sanchez et al. 2023, arXiv 2306.17806).
/// </summary>
/// <param name="Opposite">Token ids of the prompt to keep away from.</param>
/// <param name="Weight">w; 0 changes nothing.</param>
public sealed record Guidance(int[] Opposite, float Weight);
