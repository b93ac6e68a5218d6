using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Files;
using Rebound.Files.Json;
using Rebound.Training.Metrics;

namespace Rebound.Study.Improvement;

/// <summary>
/// The folder of a round, which stands alone: <c>trajectories/</c> as <c>rebound collect</c> leaves them, <c>training/</c> with what is
/// learned of them and of rounds before, <c>model/</c>, <c>evaluation/</c>, and <c>round.json</c> when all is done.
/// </summary>
public sealed class RoundFolder
{
    internal const string RecordName = "round.json";

    private const string TimeName = "time.json";

    private readonly string _path;

    /// <param name="folder">Of all rounds.</param>
    /// <param name="round">0 for the evaluation of the model that there was before.</param>
    internal RoundFolder(string folder, int round)
    {
        Name = $"round-{round:00}";
        _path = Path.Combine(folder, Name);
    }

    /// <summary>The records of the rounds that are over in a folder of rounds; none in another folder.</summary>
    /// <exception cref="Files.Rows.DataException">A record is damaged.</exception>
    public static IReadOnlyList<RoundRecord> ReadRecords(string folder)
    {
        var records = new List<RoundRecord>();
        while (new RoundFolder(folder, records.Count).ReadRecord() is { } record)
        {
            records.Add(record);
        }

        return records;
    }

    public string Name { get; }

    public string TrajectoriesPath => Path.Combine(_path, "trajectories");

    public string TrainingPath => Path.Combine(_path, "training");

    public string ModelPath => Path.Combine(_path, "model");

    public string EvaluationPath => Path.Combine(_path, "evaluation");

    public string RecordPath => Path.Combine(_path, RecordName);

    /// <summary>The name of the model as descriptions have it, wherever the folder lies.</summary>
    internal string ModelName => $"{Name}/model";

    internal string SuccessesPath => Path.Combine(TrainingPath, "positive.json");

    internal string FailuresPath => Path.Combine(TrainingPath, "negative.json");

    internal string QuestionsPath => Path.Combine(TrainingPath, "questions.jsonl");

    internal string PromptPath => Path.Combine(TrainingPath, "prompt.json");

    private string TimePath => Path.Combine(_path, TimeName);

    /// <summary>The record of the round; null while it is not over.</summary>
    internal RoundRecord? ReadRecord() => File.Exists(RecordPath) ? RoundRecord.Read(RecordPath) : null;

    /// <summary>Keeps the record, in the place of the time so far.</summary>
    internal void WriteRecord(RoundRecord record)
    {
        record.Write(RecordPath);
        File.Delete(TimePath);
    }

    /// <summary>The time that the unfinished round has taken so far.</summary>
    internal PhaseSeconds ReadSeconds() =>
        File.Exists(TimePath) ? JsonSerializer.Deserialize<PhaseSeconds>(File.ReadAllBytes(TimePath), JsonSerializerOptions.Web)! : new();

    internal void WriteSeconds(PhaseSeconds seconds)
    {
        Directory.CreateDirectory(_path);
        WholeFile.WriteJson(TimePath, JsonSerializer.SerializeToNode(seconds, JsonSerializerOptions.Web)!);
    }

    /// <summary>The steps of the model's training.</summary>
    internal IReadOnlyList<JsonNode> ReadSteps() =>
        [.. File.ReadLines(Path.Combine(ModelPath, MetricsLog.FileName)).Select(line => StrictJson.ParseNode(line)!)];
}
