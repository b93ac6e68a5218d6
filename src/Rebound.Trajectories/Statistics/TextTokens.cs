using Rebound.Text;
using Rebound.Trajectories.Formats;

namespace Rebound.Trajectories.Statistics;

/// <summary>Counts tokens of a trajectory's texts, without those that a template adds.</summary>
/// <param name="Learned">Those of the turns that are learned.</param>
public sealed record TextTokens(int All, int Learned)
{
    public static TextTokens Of(Trajectory trajectory, Tokenizer tokenizer)
    {
        var (all, learned) = (0, 0);
        foreach (var turn in trajectory.Turns)
        {
            var tokens = tokenizer.Encode(turn.Content).Length
                + (turn.ToolCalls.Count > 0 ? tokenizer.Encode(ToolCallWriter.Text(turn.ToolCalls)).Length : 0);
            all += tokens;
            learned += turn.Loss ? tokens : 0;
        }

        return new TextTokens(all, learned);
    }
}
