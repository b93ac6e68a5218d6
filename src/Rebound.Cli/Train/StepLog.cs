using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Training;

namespace Rebound.Cli.Train;

/// <summary>Turns the steps of a run into printed lines: every few steps one, with the means since the last.</summary>
internal sealed class StepLog(TrainingPlan plan, int? loggingSteps)
{
    private const int LinesOfARun = 50;

    private readonly int _every = loggingSteps ?? Math.Max(1, plan.TotalSteps / LinesOfARun);
    private readonly List<StepReport> _since = [];
    private long _tokens;
    private double _seconds;

    /// <summary>Takes over a step; a line when one is due.</summary>
    public string? Add(StepReport step)
    {
        _since.Add(step);
        _tokens += step.Tokens;
        _seconds += step.Seconds;
        if (step.Step % _every != 0 && step.Step != plan.TotalSteps && step.Step != 1)
        {
            return null;
        }

        var line = Line(step);
        _since.Clear();
        return line;
    }

    public static string Json(StepReport step)
    {
        var json = JsonSerializer.SerializeToNode(step)!.AsObject();
        json.Insert(0, "event", JsonValue.Create("step"));
        return json.ToJsonString();
    }

    private string Line(StepReport last)
    {
        var supervised = _since.Sum(step => (long)step.SupervisedTokens);
        var loss = _since.Sum(step => step.Loss * step.SupervisedTokens) / supervised;
        var seconds = _since.Sum(step => step.Seconds);
        var left = TimeSpan.FromSeconds(Math.Round((plan.TotalTokens - _tokens) * _seconds / _tokens));
        var number = $"{last.Step}".PadLeft($"{plan.TotalSteps}".Length);
        var rate = _since.Sum(step => (long)step.Tokens) / seconds;
        return $"step {number}/{plan.TotalSteps}  loss {loss:F4}  lr {last.LearningRate:0.00e+00}  norm {last.GradientNorm:F2}  "
            + $"{rate:N0} tokens/s, {supervised / seconds:N0} in the loss  epoch {last.Epoch:F2}  {left:g} left";
    }
}
