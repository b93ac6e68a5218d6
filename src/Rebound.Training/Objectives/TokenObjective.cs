using Rebound.Training.Methods;

namespace Rebound.Training.Objectives;

/// <summary>An objective in which every token counts for itself, divided by the tokens in the loss.</summary>
/// <param name="baseline">Of a method that compares with one.</param>
internal abstract class TokenObjective(LearningSet data, Baseline? baseline = null) : Objective(data)
{
    public override double Share(LearningUnit unit) => unit.Documents.Sum(index => Counts(Data.Documents[index]));

    public override void Weigh(LearningUnit unit, ReadOnlySpan<float> losses, Span<float> weights)
    {
        var row = 0;
        foreach (var index in unit.Documents)
        {
            var (document, before) = (Data.Documents[index], baseline?.Documents[index]);
            var (tokens, weight) = (document.SupervisedTokens, document.Weight);
            for (var token = 0; token < tokens; token++, row++)
            {
                weights[row] = (float)(weight * Slope(document, before?[token] ?? 0, losses.IsEmpty ? 0 : losses[row]));
            }
        }
    }

    public override double Loss(LearningUnit unit, ReadOnlySpan<float> losses, StepMetrics metrics)
    {
        var (sum, row) = (0.0, 0);
        foreach (var index in unit.Documents)
        {
            var (document, before) = (Data.Documents[index], baseline?.Documents[index]);
            var (tokens, weight) = (document.SupervisedTokens, document.Weight);
            for (var token = 0; token < tokens; token++, row++)
            {
                var old = before?[token] ?? 0;
                sum += weight * Value(document, old, losses[row]);
                Observe(document, old, losses[row], metrics);
            }
        }

        return sum;
    }

    /// <summary>The addition of a document to the denominator.</summary>
    protected virtual double Counts(LearningDocument document) => document.Weight * document.SupervisedTokens;

    /// <summary>The addition of a token to the loss.</summary>
    /// <param name="before">−log p of the token in the baseline; 0 without one.</param>
    /// <param name="loss">−log p.</param>
    protected abstract double Value(LearningDocument document, double before, double loss);

    /// <summary>The derivative of <see cref="Value"/> by <paramref name="loss"/>.</summary>
    /// <inheritdoc cref="Value" path="/param"/>
    protected abstract double Slope(LearningDocument document, double before, double loss);

    /// <summary>Takes note of what people watch.</summary>
    /// <inheritdoc cref="Value" path="/param"/>
    protected virtual void Observe(LearningDocument document, double before, double loss, StepMetrics metrics)
    {
    }
}
