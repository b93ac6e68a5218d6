using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Rebound.Agents.Tools;
using Rebound.Files.Json;
using Rebound.Trajectories;

namespace Rebound.Agents.Scoring;

/// <summary>
/// A program as a judge: it reads the episode as a JSON object from its standard input (<c>id</c>, <c>question</c>, <c>ground_truth</c>,
/// <c>answer</c>, <c>prompt</c> and <c>turns</c>) and ends with exit code 0 for a success, or 1 for a failure.
/// </summary>
/// <param name="command">The command line.</param>
/// <param name="environment">Variables that it gets beside the harmless ones.</param>
/// <param name="patience">How long it may take.</param>
public sealed class CommandJudge(string command, IReadOnlyDictionary<string, string> environment, TimeSpan patience) : IJudge
{
    private static readonly TimeSpan LastWordsPatience = TimeSpan.FromSeconds(1);

    private readonly IReadOnlyList<string> _words = CommandLineWords.Split(command) is { Count: > 0 } words
        ? words
        : throw new FormatException("it is empty.");

    public async Task<Score> JudgeAsync(JudgedEpisode episode, CancellationToken cancellation = default)
    {
        using var process = Start();
        var errors = new ErrorLines(process.StandardError, onLine: null);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(patience);
        try
        {
            var said = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, limit.Token);
            await TellAsync(process, episode, limit.Token);
            await said;
            await process.WaitForExitAsync(limit.Token);
            await errors.EndAsync(LastWordsPatience);
        }
        catch (OperationCanceledException e)
        {
            process.Kill(entireProcessTree: true);
            cancellation.ThrowIfCancellationRequested();
            throw new JudgeException($"the judge '{command}' did not end within {patience.TotalSeconds:0.#} s.{errors.Told()}", e);
        }

        return process.ExitCode is 0 or 1
            ? new Score(process.ExitCode == 0, null, new JsonObject
            {
                ["reward"] = process.ExitCode == 0,
                ["gt"] = episode.Question.GroundTruth?.DeepClone(),
                ["pred"] = episode.Answer,
            })
            : throw new JudgeException(
                $"the judge '{command}' ended with exit code {process.ExitCode}, which is neither 0 for a success nor 1 for a "
                    + $"failure.{errors.Told()}");
    }

    private Process Start()
    {
        try
        {
            return Process.Start(ChildProcess.Describe(_words, environment))!;
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException)
        {
            throw new JudgeException($"the judge '{command}' cannot be started: {e.Message}", e);
        }
    }

    private static async Task TellAsync(Process process, JudgedEpisode episode, CancellationToken cancellation)
    {
        var content = new JsonObject
        {
            ["id"] = episode.Question.Id.DeepClone(),
            ["question"] = episode.Question.Question,
            ["ground_truth"] = episode.Question.GroundTruth?.DeepClone(),
            ["answer"] = episode.Answer,
            ["prompt"] = Messages(episode.Prompt),
            ["turns"] = Messages(episode.Turns),
        };
        try
        {
            await process.StandardInput.WriteLineAsync(content.ToJsonString(JsonOutput.OneLine).AsMemory(), cancellation);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It judges without reading all of it, or any.
        }
    }

    private static JsonArray Messages(IReadOnlyList<Turn> turns) =>
        [.. turns.Select(turn => new JsonObject { ["role"] = turn.Role, ["content"] = turn.Content })];
}
