using System.CommandLine;
using Rebound.Agents.Tasks;

namespace Rebound.Cli.Agents;

/// <summary>The options of commands that run agents on a task: which questions, asked how, with which tools and limits.</summary>
internal sealed class AgentOptions
{
    public readonly Option<string> Task = new("--task", "--task-name")
    {
        Description = $"The task: {string.Join(", ", BuiltInTasks.All.Select(task => task.Name))}, or a YAML file",
        HelpName = "NAME",
        Required = true,
    };

    public readonly Option<string?> Data = OptionOf.Text("--data", "DIR", "The folder of the built-in tasks' question files");

    public readonly Option<string?> QuestionPath = OptionOf.Text("--question-path", "FILE", "Read the questions from this file instead");

    public readonly Option<string> Split;

    public readonly Option<int> Start = OptionOf.Number("--task-start-index", "The first question, from 0; a negative one counts from the end", 0);

    public readonly Option<int?> End = OptionOf.Number<int?>("--task-end-index", "The question to stop before (default after the last)");

    public readonly Option<string?> Prompt = OptionOf.Text("--prompt", "NAME|FILE", "How questions are asked (default the task's own prompt)");

    public readonly Option<string?> PromptPath = OptionOf.Text("--prompt-path", "FILE", "A prompt file of the NAT reference");

    public readonly Option<string?> Template = OptionOf.Text("--template", "NAME", "Its template");

    public readonly Option<string> Condition = new("--condition")
    {
        Description = "The outcome to ask for: positive, negative, none, or a condition of the prompt",
        HelpName = "NAME",
        DefaultValueFactory = _ => "positive",
    };

    public readonly Option<string?> Index = OptionOf.Text("--index", "FILE", "Search this index, made by 'rebound data index'");

    public readonly Option<bool> WebSearch = new("--web-search") { Description = "Search the web through serper.dev; the key is in SERPER_API_KEY" };

    public readonly Option<string?> SearchCache = OptionOf.Text("--search-cache", "FILE", "Keep what web searches find, to be found again");

    public readonly Option<string?> Replay = OptionOf.Text("--replay", "FILE", "Answer as tools answered in these trajectories");

    public readonly Option<string?> ToolServer = OptionOf.Text("--mcp", "COMMAND|URL", "Offer the tools of this Model Context Protocol server");

    public readonly Option<int> StepLimit = OptionOf.Number("--step-limit", "Turns that the agent may take", 7);

    public readonly Option<int> MaxTokens = OptionOf.Number("--max-tokens", "Tokens of a turn", 512);

    public readonly Option<double?> EpisodeTimeout = OptionOf.Number<double?>("--episode-timeout", "Seconds that an episode may take (default any)");

    public readonly Option<string> Parsing = OptionOf.OneOf(
        "--parsing", "Read turns for what they mean, or to the letter as the NAT reference does", "tolerant", "reference");

    public AgentOptions(string split) => Split = new Option<string>("--task-split")
    {
        Description = "The questions to take: train or test",
        HelpName = "NAME",
        DefaultValueFactory = _ => split,
    };

    public IEnumerable<Option> All =>
    [
        Task, Data, QuestionPath, Split, Start, End, Prompt, PromptPath, Template, Condition, Index, WebSearch, SearchCache, Replay, ToolServer,
        StepLimit, MaxTokens, EpisodeTimeout, Parsing,
    ];
}
