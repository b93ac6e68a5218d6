namespace Rebound.Models;

/// <summary>The fingerprint of what a model computes with, by which keys and values of other weights are told apart.</summary>
/// <param name="Weights">The version of its weights.</param>
/// <param name="Adapter">The version of its adapter; 0 without one.</param>
public readonly record struct ModelVersion(long Weights, long Adapter);
