using Rebound.Agents.Episodes;
using Rebound.Agents.Tasks;
using Rebound.Cli.Models;
using Rebound.Study.Improvement;

namespace Rebound.Cli.Improve;

/// <summary>The improvement that options ask for, before a device and tools are opened.</summary>
/// <param name="TaskPath">The task's file; null for a built-in one.</param>
internal sealed record ImproveSettings(
    ImprovementOptions Options, AgentTask Task, string? TaskPath, IReadOnlyList<TaskQuestion> Questions,
    IReadOnlyList<TaskQuestion> HeldOut, EpisodeOptions Episodes, DeviceShares Shares);
