using Rebound.Agents.Scoring;

namespace Rebound.Agents.Tasks;

/// <summary>The tasks of the NAT paper.</summary>
public static class BuiltInTasks
{
    public static readonly IReadOnlyList<AgentTask> All =
    [
        Math("gsm8k", ["gsm8k/train.jsonl", "gsm8k/train.json"], ["gsm8k/test.json", "gsm8k/test.jsonl"]),
        Math("asdiv", [], ["asdiv/test.jsonl", "ASDiv/test_one_answer.jsonl"]),
        Math("multiarith", [], ["multiarith/test.jsonl", "MultiArith/test.jsonl"]),
        Math("svamp", [], ["svamp/test.jsonl", "SVAMP/test.jsonl"]),
        Questions("hotpotqa", "answer", "multi-hop-qa", ["hotpotqa/train_random_8000.json"], ["hotpotqa/dev_random_500.json"]),
        Questions(
            "strategyqa",
            "yes-no",
            "yes-no-qa",
            ["strategyqa/train.jsonl", "StrategyQA/train.jsonl"],
            ["strategyqa/test_random_500.jsonl", "StrategyQA/test_random_500.jsonl"]),
    ];

    /// <summary>The task of a name, in any case; null for none.</summary>
    public static AgentTask? Find(string name) => All.FirstOrDefault(task => task.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    private static AgentTask Math(string name, string[] train, string[] test) =>
        Create(name, "math", "calculate", "math", train, test);

    private static AgentTask Questions(string name, string scorer, string prompt, string[] train, string[] test) =>
        Create(name, scorer, "search", prompt, train, test);

    private static AgentTask Create(string name, string scorer, string tool, string prompt, string[] train, string[] test) =>
        new(name, Scorers.ByName[scorer], [tool], prompt, Template: null, QuestionFields.Usual)
        {
            NativePrompt = $"{prompt}-native",
            Files = new Dictionary<string, IReadOnlyList<string>> { ["train"] = train, ["test"] = test },
        };
}
