using Rebound.Engine;
using Rebound.Models.Adapters;
using Rebound.Models.Parameters;

namespace Rebound.Models.Layers;

/// <summary>
/// The adapters beside one linear layer: <c>output[part] += scale · (dropout(input) · Aᵀ) · Bᵀ</c> for every part of the
/// layer's output that has one (Hu et al. 2021, arXiv 2106.09685).
/// </summary>
internal sealed class LowRankAdapter(Backend backend, ParameterSet parameters, LoraGroup group)
{
    /// <summary>ΣR: columns of what the forward keeps.</summary>
    public int Rank => group.Rank;

    /// <param name="output">[T, N], +=.</param>
    /// <param name="input">[T, K].</param>
    /// <param name="lowRank">[T·ΣR], =: <c>scale · dropout(input) · Aᵀ</c>, kept for the backward.</param>
    public void Forward(Tensor output, Tensor input, Tensor lowRank, in AdapterDropout dropout)
    {
        ForwardDown(input, lowRank, dropout);
        lowRank = AsMatrix(lowRank, input.Shape[0]);
        foreach (var part in group.Parts)
        {
            var columns = lowRank.Columns(part.FirstRank, part.Rank);
            backend.LinearForward(output.Columns(part.FirstOutput, part.Outer), columns, parameters[part.Up]);
        }
    }

    /// <summary>The down-projection of <see cref="Forward"/> alone.</summary>
    /// <param name="input">[T, K].</param>
    /// <param name="lowRank">[T·ΣR], =.</param>
    public void ForwardDown(Tensor input, Tensor lowRank, in AdapterDropout dropout)
    {
        lowRank = AsMatrix(lowRank, input.Shape[0]);
        backend.LinearForward(lowRank, Dropped(input, dropout), parameters[group.Down], default);
        foreach (var part in group.Parts)
        {
            backend.Scale(lowRank.Columns(part.FirstRank, part.Rank), part.Scale);
        }
    }

    /// <summary>
    /// With h = scale · x̃ · Aᵀ of <see cref="Forward"/>: <c>dB += dOutputᵀ · h</c>, <c>dh = scale · dOutput · B</c>,
    /// <c>dInput += dropout(dh · A)</c>.
    /// </summary>
    /// <param name="gradients">Of the adapter, accumulated into (+=).</param>
    /// <param name="dInput">[T, K], +=.</param>
    /// <param name="dOutput">[T, N].</param>
    /// <param name="lowRank">[T·ΣR] of the forward; becomes its gradient.</param>
    public void BackwardInput(ParameterSet gradients, Tensor dInput, Tensor dOutput, Tensor lowRank, in AdapterDropout dropout)
    {
        lowRank = AsMatrix(lowRank, dInput.Shape[0]);
        foreach (var part in group.Parts)
        {
            var (columns, dColumns) = (lowRank.Columns(part.FirstRank, part.Rank), dOutput.Columns(part.FirstOutput, part.Outer));
            backend.LinearBackwardWeight(gradients[part.Up], dColumns, columns);
            backend.LinearBackwardInput(columns, dColumns, parameters[part.Up]);
            backend.Scale(columns, part.Scale);
        }

        if (dropout.Rate == 0)
        {
            backend.LinearBackwardInput(dInput, lowRank, parameters[group.Down], accumulate: true);
            return;
        }

        var dDropped = dropout.ScratchAs(dInput.Shape);
        backend.LinearBackwardInput(dDropped, lowRank, parameters[group.Down]);
        backend.Dropout(dInput, dDropped, dropout.Rate, dropout.SeedOf(group.Down), accumulate: true);
    }

    /// <summary><c>dA += dhᵀ · x̃</c>, after <see cref="BackwardInput"/>.</summary>
    /// <param name="gradients">Of the adapter, accumulated into (+=).</param>
    /// <param name="input">[T, K], as given to the forward.</param>
    /// <param name="lowRank">[T·ΣR]: dh.</param>
    public void BackwardDown(ParameterSet gradients, Tensor input, Tensor lowRank, in AdapterDropout dropout) =>
        backend.LinearBackwardWeight(
            gradients[group.Down], default, AsMatrix(lowRank, input.Shape[0]), Dropped(input, dropout));

    private Tensor Dropped(Tensor input, in AdapterDropout dropout)
    {
        if (dropout.Rate == 0)
        {
            return input;
        }

        var dropped = dropout.ScratchAs(input.Shape);
        backend.Dropout(dropped, input, dropout.Rate, dropout.SeedOf(group.Down));
        return dropped;
    }

    private Tensor AsMatrix(Tensor lowRank, int tokens) =>
        lowRank.Rows(0, checked(tokens * Rank)).Reshape(new Shape(tokens, Rank));
}
