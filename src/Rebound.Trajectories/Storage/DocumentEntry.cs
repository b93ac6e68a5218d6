using System.Runtime.InteropServices;
using Rebound.Trajectories.Rendering;

namespace Rebound.Trajectories.Storage;

/// <summary>
/// A document as a file of rendered data has it. At <see cref="Start"/> lie its tokens, filled up to an even number, its runs in the loss
/// (<see cref="LossRun"/>), its log-probabilities, and its id and question in UTF-8.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct DocumentEntry
{
    /// <summary><see cref="QuestionBytes"/> of a document whose question is its id.</summary>
    public const int SameAsId = -1;

    /// <summary>Where its numbers begin, counted in numbers of 32 bits; even.</summary>
    public required long Start { get; init; }

    public required double Reward { get; init; }

    public required double Weight { get; init; }

    public required AnswerSources Sources { get; init; }

    public required int Tokens { get; init; }

    public required int Runs { get; init; }

    /// <summary>As many as tokens, or none.</summary>
    public required int LogProbabilities { get; init; }

    public required int IdBytes { get; init; }

    public required int QuestionBytes { get; init; }

    /// <summary>The place of the file's path among the names.</summary>
    public required int File { get; init; }

    /// <summary>The place of the condition among the names.</summary>
    public required int Condition { get; init; }

    /// <summary>The place of the outcome among the names.</summary>
    public required int Outcome { get; init; }

    public required int Row { get; init; }

    public required int CutTokens { get; init; }

    /// <summary>1 where <see cref="Reward"/> counts, 0 where there is none.</summary>
    public required int HasReward { get; init; }

    private int Unused { get; init; }

    /// <summary>Where its runs begin, in numbers from <see cref="Start"/>.</summary>
    public int RunsAt => Tokens + (Tokens % 2);

    /// <summary>Where its log-probabilities begin, in numbers from <see cref="Start"/>.</summary>
    public int LogProbabilitiesAt => RunsAt + (2 * Runs);

    /// <summary>Where its texts begin, in numbers from <see cref="Start"/>.</summary>
    public int TextsAt => LogProbabilitiesAt + LogProbabilities;
}
