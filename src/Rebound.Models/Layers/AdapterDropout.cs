using Rebound.Engine;

namespace Rebound.Models.Layers;

/// <summary>The dropout of one forward and backward pass over adapters' inputs; <c>default</c> drops nothing.</summary>
/// <param name="Rate">Share of the elements that are dropped.</param>
/// <param name="Seed">Of the pass; every adapted matrix has masks of its own.</param>
/// <param name="Scratch">[T·K] for what is left of the widest input.</param>
internal readonly record struct AdapterDropout(float Rate, ulong Seed, Tensor Scratch)
{
    /// <summary>The seed of one matrix.</summary>
    public ulong SeedOf(int matrix) => new CounterRandom(Seed, (ulong)matrix).Seed;

    /// <summary>[T, K] of the scratch.</summary>
    public Tensor ScratchAs(Shape shape) => Scratch.Rows(0, checked((int)shape.Count)).Reshape(shape);
}
