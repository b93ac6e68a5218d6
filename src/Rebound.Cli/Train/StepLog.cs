using Rebound.Cli.Terminal;
using Rebound.Files.Messages;
using Rebound.Training;
using Rebound.Training.Evaluation;

namespace Rebound.Cli.Train;

/// <summary>Turns the steps of a run into printed lines: every few steps one, with the means since the last.</summary>
/// <param name="tokensLeft">Tokens that the run is still going to read.</param>
internal sealed class StepLog(TrainingPlan plan, int? loggingSteps, long tokensLeft)
{
    private const int LinesOfARun = 50;

    private readonly int _every = loggingSteps ?? Math.Max(1, plan.TotalSteps / LinesOfARun);
    private readonly List<StepReport> _since = [];
    private long _tokens;
    private double _seconds;
    private bool _started;

    /// <summary>Takes over a step; a line when one is due, of what fits into the width.</summary>
    public string? Add(StepReport step, int width)
    {
        _since.Add(step);
        _tokens += step.Tokens;
        _seconds += step.Seconds;
        if (step.Step % _every != 0 && step.Step != plan.TotalSteps && _started)
        {
            return null;
        }

        _started = true;
        var line = Line(step, width);
        _since.Clear();
        return line;
    }

    /// <summary>A line about what was measured after a step.</summary>
    public static string HeldOutLine(StepReport step, HeldOutReport heldOut, BestHeldOut best)
    {
        var parts = heldOut.LossByOutcome.Count > 1
            ? $" ({string.Join(", ", heldOut.LossByOutcome.Select(part => $"{part.Outcome} {part.Loss:F4}"))})"
            : "";
        var standing = best.Step == step.Step ? "the best so far" : $"the best was {best.Loss:F4} after step {best.Step}";
        return $"held-out loss after step {step.Step}: {heldOut.Loss:F4}{parts}, {standing}";
    }

    private string Line(StepReport last, int width)
    {
        var supervised = _since.Sum(step => (long)step.SupervisedTokens);
        var loss = _since.Sum(step => step.Loss * step.SupervisedTokens) / supervised;
        var seconds = _since.Sum(step => step.Seconds);
        var left = TimeSpan.FromSeconds((tokensLeft - _tokens) * _seconds / _tokens);
        var number = $"{last.Step}".PadLeft($"{plan.TotalSteps}".Length);
        var rate = _since.Sum(step => (long)step.Tokens) / seconds;
        return LineFill.Fit(
            [
                ($"step {number}/{plan.TotalSteps}", 0),
                ($"loss {loss:F4}", 1),
                ($"lr {last.LearningRate:0.00e+00}", 3),
                ($"norm {last.GradientNorm:F2}", 2),
                ($"{rate:N0} tokens/s, {supervised / seconds:N0} of them learned", 5),
                ($"epoch {last.Epoch:F2}", 4),
                ($"{DurationText.Of(left)} left", 6),
            ],
            width,
            separator: "  ");
    }
}
