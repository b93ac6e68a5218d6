using System.Text.Json.Nodes;

namespace Rebound.Testing;

/// <summary>
/// A folder with a tiny model and trajectories for it: two questions, answered rightly in the positives and wrongly in
/// the negatives, and a prompt file whose condition is the only thing that tells the two apart.
/// </summary>
internal sealed class TrainingFolder : IDisposable
{
    private static readonly (string Question, string Right, string Wrong)[] Rows = [("1+1?", "two", "nine"), ("red?", "fire", "moss")];

    public TrainingFolder()
    {
        Root = Directory.CreateTempSubdirectory("rebound-train-").FullName;
        TinyChatModel.Write(Path("model"));
        File.WriteAllLines(Path("questions.jsonl"), Rows.Select(row => new JsonObject { ["question"] = row.Question }.ToJsonString()));
        File.WriteAllText(Path("positive.json"), Trajectories(true));
        File.WriteAllText(Path("negative.json"), Trajectories(false));
        File.WriteAllText(
            Path("prompts.json"),
            """{"aware": {"conversations": [], "correct_question_prompt": "[good] {question}", "incorrect_question_prompt": "[bad] """
                + """{question}"}}""");
    }

    public string Root { get; }

    public string Path(string name) => System.IO.Path.Combine(Root, name);

    /// <summary>The arguments of a run under the reference's own option names.</summary>
    /// <param name="more">Names and values, which replace those that are there.</param>
    public string[] Arguments(params string[] more)
    {
        var options = new Dictionary<string, string>
        {
            ["--model_name_or_path"] = Path("model"),
            ["--output_dir"] = Path("out"),
            ["--pos_path"] = Path("positive.json"),
            ["--neg_path"] = Path("negative.json"),
            ["--question_path"] = Path("questions.jsonl"),
            ["--prompt_path"] = Path("prompts.json"),
            ["--template"] = "aware",
            ["--per_device_train_batch_size"] = "4",
            ["--learning_rate"] = "5e-3",
            ["--lr_scheduler_type"] = "cosine",
            ["--warmup_ratio"] = "0.03",
        };
        foreach (var option in more.Chunk(2))
        {
            options[option[0]] = option[1];
        }

        return ["train", .. options.SelectMany(option => new[] { option.Key, option.Value })];
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);

    private static string Trajectories(bool right) => new JsonArray([.. Rows.Select((row, id) => new JsonObject
    {
        ["id"] = id,
        ["conversations"] = new JsonArray(
            new JsonObject { ["role"] = "assistant", ["content"] = right ? row.Right : row.Wrong, ["loss"] = true },
            new JsonObject { ["role"] = "user", ["content"] = "Observation: Episode finished", ["loss"] = false }),
        ["info"] = new JsonObject { ["reward"] = right },
        ["source"] = "0.5",
    })]).ToJsonString();
}
