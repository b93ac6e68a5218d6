using System.CommandLine;
using Rebound.Agents.Episodes;
using Rebound.Agents.Runs;
using Rebound.Agents.Tasks;
using Rebound.Cli.Options;
using Rebound.Trajectories;
using Rebound.Trajectories.Chat;
using Rebound.Trajectories.Conditions;
using Rebound.Trajectories.Selection;

namespace Rebound.Cli.Agents;

/// <summary>The options of commands that run agents on a task: which task, asked how, with which tools and limits.</summary>
internal sealed class AgentOptions
{
    public readonly Option<string?> Task = new("--task", "--task-name")
    {
        Description = $"The task: {string.Join(", ", BuiltInTasks.All.Select(task => task.Name))}, or a YAML file (default the one that "
            + "the model was trained on)",
        HelpName = "NAME|FILE",
    };

    public readonly Option<string?> Prompt = OptionOf.Text(
        "--prompt", "NAME|FILE", "How questions are asked (default the task's own prompt)");

    public readonly Option<string?> PromptPath = OptionOf.Text("--prompt-path", "FILE", "A prompt file of the NAT reference");

    public readonly Option<string?> Template = OptionOf.Text("--template", "NAME", "Its template");

    public readonly Option<string> Condition = new("--condition")
    {
        Description = "The outcome to ask for: positive, negative, none, or a condition of the prompt",
        HelpName = "NAME",
        DefaultValueFactory = _ => "positive",
    };

    public readonly Option<string?> Index = OptionOf.Text("--index", "FILE", "Search this index, made by 'rebound data index'");

    public readonly Option<bool> WebSearch =
        new("--web-search") { Description = "Search the web through serper.dev; the key is in SERPER_API_KEY" };

    public readonly Option<string?> SearchCache = OptionOf.Text("--search-cache", "FILE", "Keep what web searches find, to be found again");

    public readonly Option<string?> Replay = OptionOf.Text("--replay", "FILE", "Answer as tools answered in these trajectories");

    public readonly ToolServerOptions ToolServers = new();

    public readonly Option<string?> Judge = OptionOf.Text(
        "--judge", "COMMAND",
        "Let this command say whether an answer is right: it reads the episode as JSON, and ends with 0 for a success or 1 for a failure");

    public readonly Option<int> StepLimit = OptionOf.Number("--step-limit", "Turns that the agent may take", 7);

    public readonly Option<int> MaxTokens = OptionOf.Number("--max-tokens", "Tokens of a turn", 512);

    public readonly Option<double?> EpisodeTimeout = OptionOf.Number<double?>(
        "--episode-timeout", "Seconds that an episode may take (default any)");

    public readonly Option<string> Parsing = OptionOf.OneOf(
        "--parsing", "Read turns for what they mean, or to the letter as the NAT reference does", "tolerant", "reference");

    public readonly Option<string> ToolFormat = OptionOf.OneOf(
        "--tool-format", "Call tools as text (Action: tool[argument]), natively, or as the model was trained and its template can",
        ToolFormats.Auto, ToolFormats.React, ToolFormats.Native);

    public readonly Option<string> TokenIds = OptionOf.OneOf(
        "--token-ids", "Keep the token ids and log-probabilities of turns that are generated here, for training, or leave them out",
        "keep", "drop");

    public AgentOptions()
    {
        Task.CompletionSources.Add([.. BuiltInTasks.All.Select(task => task.Name)]);
        Prompt.CompletionSources.Add([.. BuiltInPrompts.Names]);
        Condition.CompletionSources.Add("positive", "negative", "none");
    }

    /// <summary>How questions are worded.</summary>
    public Option[] Wording => [Prompt, PromptPath, Template];

    /// <summary>Options of the agent's tools.</summary>
    public OptionGroup Tools => new("Tools", [Index, WebSearch, SearchCache, Replay, .. ToolServers.All]);

    /// <summary>How far an agent may go.</summary>
    public OptionGroup Turns => new("Turns", StepLimit, MaxTokens, EpisodeTimeout, ToolFormat, Parsing, TokenIds);

    /// <summary>The tool format, from the option, the task or the model in this order, with the model's tool schemas.</summary>
    public EpisodeOptions WithTools(EpisodeOptions episodes, CommandContext context, AgentTask? task, AgentModel model) =>
        AgentSetup.WithTools(episodes, model, ToolFormats.Find(context.Require(ToolFormat)), task);

    /// <summary>The prompt, from the options, the model's card or the task in this order.</summary>
    /// <param name="task">Null where there is none.</param>
    /// <param name="format">How tools are called, which a prompt may describe.</param>
    /// <returns>Null where nothing says how.</returns>
    public PromptTemplate? ReadPrompt(CommandContext context, AgentTask? task, AgentCard? card, ToolFormat format)
    {
        var (prompt, file, template) = (context.Get(Prompt), context.Get(PromptPath), context.Get(Template));
        if (prompt is not null && (file is not null || template is not null))
        {
            throw new InputException($"{Prompt.Name} excludes {PromptPath.Name} and {Template.Name}.");
        }

        if ((file is null) != (template is null))
        {
            throw new InputException($"{PromptPath.Name} and {Template.Name} go together.");
        }

        return file is not null ? PromptFile.Load(file, template!)
            : prompt is not null ? PromptSetup.Open(prompt)
            : TaskPrompt.Find(task, card, format);
    }

    /// <summary>How an agent works on a question.</summary>
    public EpisodeOptions ReadEpisodes(CommandContext context, OptionChecks checks)
    {
        var (stepLimit, maxTokens) = (checks.AtLeast(StepLimit, 1), checks.AtLeast(MaxTokens, 1));
        var timeout = context.Get(EpisodeTimeout);
        if (timeout is not null and not (> 0 and <= 1e6))
        {
            checks.Add($"{context.Label(EpisodeTimeout)} is {timeout}; it must be above 0, and at most a million.");
        }

        return new EpisodeOptions
        {
            StepLimit = stepLimit,
            MaxOutputTokens = maxTokens,
            Timeout = timeout is > 0 and <= 1e6 ? TimeSpan.FromSeconds(timeout.Value) : null,
            Parsing = context.Require(Parsing) == "reference" ? ActionParsing.Reference : ActionParsing.Tolerant,
            KeepsTokens = context.Require(TokenIds) == "keep",
        };
    }
}
