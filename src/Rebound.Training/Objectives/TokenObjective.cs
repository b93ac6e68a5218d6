using Rebound.Training.Methods;

namespace Rebound.Training.Objectives;

/// <summary>An objective in which every token counts for itself, divided by the tokens in the loss.</summary>
internal abstract class TokenObjective(LearningSet data) : Objective(data)
{
    public override double Share(LearningUnit unit) => unit.Documents.Sum(index => Counts(Data.Documents[index]));

    public override void Weigh(LearningUnit unit, ReadOnlySpan<float> losses, Span<float> weights)
    {
        var row = 0;
        foreach (var index in unit.Documents)
        {
            var document = Data.Documents[index];
            for (var token = 0; token < document.SupervisedTokens; token++, row++)
            {
                weights[row] = (float)(document.Weight * Slope(index, token, losses.IsEmpty ? 0 : losses[row]));
            }
        }
    }

    public override double Loss(LearningUnit unit, ReadOnlySpan<float> losses, StepMetrics metrics)
    {
        var (sum, row) = (0.0, 0);
        foreach (var index in unit.Documents)
        {
            var document = Data.Documents[index];
            for (var token = 0; token < document.SupervisedTokens; token++, row++)
            {
                sum += document.Weight * Value(index, token, losses[row]);
                Observe(index, token, losses[row], metrics);
            }
        }

        return sum;
    }

    /// <summary>The addition of a document to the denominator.</summary>
    protected virtual double Counts(LearningDocument document) => document.Weight * document.SupervisedTokens;

    /// <summary>The addition of a token to the loss.</summary>
    /// <param name="document">The index of its document.</param>
    /// <param name="token">Counted among the document's supervised tokens.</param>
    /// <param name="loss">−log p.</param>
    protected abstract double Value(int document, int token, double loss);

    /// <summary>The derivative of <see cref="Value"/> by <paramref name="loss"/>.</summary>
    /// <inheritdoc cref="Value" path="/param"/>
    protected abstract double Slope(int document, int token, double loss);

    /// <summary>Takes note of what people watch.</summary>
    /// <inheritdoc cref="Value" path="/param"/>
    protected virtual void Observe(int document, int token, double loss, StepMetrics metrics)
    {
    }
}
