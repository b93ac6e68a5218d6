using Rebound.Files;
using Rebound.Files.Messages;
using Rebound.Trajectories.Chat;

namespace Rebound.Study.Improvement;

/// <summary>
/// An agent that improves on its own failures, in one process: round after round its model tries questions, another
/// model learns from the tries, and answers held-out questions. What a folder already holds is not made again, so that a process that
/// ends, however it ends, is gone on with by the same call. The folder is this improvement's alone until it is disposed.
/// </summary>
public sealed class AgentImprovement : IDisposable
{
    private readonly ImprovementOptions _options;
    private readonly ImprovedAgent _agent;
    private readonly ImprovementHost _host;
    private readonly AgentModel? _teacher;
    private readonly FolderLock _lock;

    /// <summary>Takes the folder.</summary>
    /// <param name="teacher">Makes the tries of the first round; null for the model itself. Stays the caller's to dispose of.</param>
    /// <exception cref="OptionsException">Options are wrong; all problems are told.</exception>
    /// <exception cref="ArgumentException">Questions are both tried and held out.</exception>
    /// <exception cref="Files.Rows.DataException">The folder holds another improvement.</exception>
    /// <exception cref="FolderInUseException">Another one is at work there.</exception>
    public AgentImprovement(ImprovementOptions options, ImprovedAgent agent, AgentModel? teacher, ImprovementHost host)
    {
        OptionsException.ThrowIfAny(options.Validate());
        agent.Check();
        (_options, _agent, _teacher, _host) = (options, agent, teacher, host);
        var description = ImprovementDescription.Of(options, agent, teacher, host.Backend);
        Directory.CreateDirectory(options.OutputFolder);
        _lock = FolderLock.Take(options.OutputFolder);
        try
        {
            RunDescription.Keep(PathOf("settings.json"), description);
        }
        catch
        {
            _lock.Dispose();
            throw;
        }
    }

    /// <summary>All rounds as JSON.</summary>
    public string ResultsPath => PathOf("improve.json");

    /// <summary>A row for every round.</summary>
    public string TablePath => PathOf("rounds.csv");

    public string ReportPath => PathOf("report.html");

    /// <summary>The folder of a round.</summary>
    /// <param name="round">0 for the evaluation of the model to begin with.</param>
    public RoundFolder Round(int round) => new(_options.OutputFolder, round);

    /// <summary>Makes the rounds that are missing, and writes the results after each.</summary>
    /// <exception cref="ImprovementException">No try was right.</exception>
    /// <exception cref="Workbench.UnansweredException">The teacher does not answer.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; the same call goes on.</exception>
    public async Task<ImprovementResults> RunAsync(CancellationToken cancellation = default)
    {
        using var current = new CurrentModel(_host.Copies);
        var records = new List<RoundRecord>();
        while (true)
        {
            var record = Round(records.Count).ReadRecord() ?? await MakeAsync(records.Count, current, cancellation);
            records.Add(record);
            _host.Observer.Done(record);
            var stopped = Stop(records);
            var results = new ImprovementResults([.. records], _agent.HeldOut, stopped);
            results.Write(ResultsPath, TablePath);
            if (stopped is not null || records.Count > _options.Rounds)
            {
                return results;
            }
        }
    }

    public void Dispose() => _lock.Dispose();

    private Task<RoundRecord> MakeAsync(int round, CurrentModel current, CancellationToken cancellation) => new ImprovementRound(
        _options, _agent, _host, current, [.. Enumerable.Range(1, round).Select(Round)], Round(round), round == 1 ? _teacher : null)
        .RunAsync(cancellation);

    /// <summary>Why no other round begins though there are to be more; null where one does, or all are there.</summary>
    private string? Stop(List<RoundRecord> records)
    {
        if (records.Count > _options.Rounds || Round(records.Count).ReadRecord() is not null)
        {
            return null;
        }

        var seconds = TimeSpan.FromSeconds(records.Sum(round => round.Seconds.All));
        var last = records.Count > 1 ? TimeSpan.FromSeconds(records[^1].Seconds.All) : TimeSpan.Zero;
        return _options.Time is { } time && seconds + last > time && records.Count > 1
                ? $"another round of {DurationText.Of(last)} would not end within {DurationText.Of(time)}, of which "
                    + $"{DurationText.Of(seconds)} are over"
            : _options.Tokens is { } tokens && records.Sum(round => round.Tokens) >= tokens && records.Count > 1
                ? $"the budget of {tokens:N0} tokens is used up"
            : null;
    }

    private string PathOf(string name) => Path.Combine(_options.OutputFolder, name);
}
