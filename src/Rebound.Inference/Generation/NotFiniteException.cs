using Rebound.Models;
using Rebound.Models.Parameters;

namespace Rebound.Inference.Generation;

/// <summary>A model computes NaN or infinity where logits should be, so that no token can be chosen.</summary>
public sealed class NotFiniteException : Exception
{
    public NotFiniteException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }

    /// <summary>Looks for where that comes from.</summary>
    /// <param name="logit">One that is not finite.</param>
    /// <param name="position">Tokens up to where it was computed.</param>
    internal static NotFiniteException Of(LlamaModel model, float logit, int position)
    {
        var found = model.Adapter is { } adapter
            ? Find(adapter.Parameters, "the adapter's tensor ") ?? Find(model.Weights, "")
            : Find(model.Weights, "");
        return new NotFiniteException(found is null
            ? $"The model's logits are {Name(logit)} after {position} tokens, although its weights are all finite: "
                + "what it computes leaves the range of "
                + $"{model.Backend.ElementType}, so no token can be chosen."
            : $"The model's weights are no numbers in places: {found}. It is damaged, or its training diverged; no token can be chosen.");
    }

    /// <summary>The first tensor with a number that is not finite, and where in it.</summary>
    private static string? Find(ParameterSet parameters, string prefix)
    {
        foreach (var slice in parameters.Table.Slices)
        {
            var values = new float[slice.Shape.Count];
            parameters.Read(slice.Name, values);
            var index = Array.FindIndex(values, value => !float.IsFinite(value));
            if (index >= 0)
            {
                var count = values.Count(value => !float.IsFinite(value));
                var columns = slice.Shape.RowLength;
                var place = slice.Shape.Rank == 1 ? $"[{index}]" : $"[{index / columns}, {index % columns}]";
                return $"{prefix}{slice.Name} has {Name(values[index])} at {place}{(count == 1 ? "" : $" and {count - 1} more")}";
            }
        }

        return null;
    }

    private static string Name(float value) => float.IsNaN(value) ? "NaN" : value > 0 ? "infinity" : "-infinity";
}
