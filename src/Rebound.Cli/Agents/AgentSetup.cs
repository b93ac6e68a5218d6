using System.Text.Json.Nodes;
using Rebound.Agents.Episodes;
using Rebound.Agents.Tasks;
using Rebound.Agents.Tools;
using Rebound.Trajectories;
using Rebound.Trajectories.Conditions;

namespace Rebound.Cli.Agents;

/// <summary>What <see cref="AgentOptions"/> and <see cref="QuestionOptions"/> amount to.</summary>
/// <param name="QuestionPath">The file that the questions are from.</param>
/// <param name="Condition">The prompt's own name of the condition.</param>
internal sealed record AgentSetup(
    AgentTask Task, string QuestionPath, IReadOnlyList<TaskQuestion> Questions, PromptTemplate Prompt, string Condition, EpisodeOptions Episodes)
{
    private string _tokenLimit = "";

    /// <param name="model">What one trained here says of its task, tools and prompt counts where options say nothing.</param>
    public static AgentSetup Read(AgentOptions options, QuestionOptions questions, CommandContext context, OptionChecks checks, AgentModel model)
    {
        var episodes = options.ReadEpisodes(context, checks);
        var name = context.Get(options.Task) ?? model.Card?.Task;
        if (name is null)
        {
            checks.Add($"{options.Task.Name} is required, as the model says none: {options.Task.Description}.");
        }

        if (!questions.AreNamed(context) && (name is null || AgentNeeds.NeedsQuestions(name)))
        {
            checks.Add($"{questions.Need.Names} is required: {questions.Need.Reason}.");
        }

        checks.ThrowIfAny();
        var task = TaskJudge.With(options, context, TaskRegistry.Open(name!));
        var (path, chosen) = questions.Read(context, task);
        episodes = options.WithTools(episodes, context, task, model);
        var prompt = options.ReadPrompt(context, task, model.Card, episodes.ToolFormat)!;
        return new AgentSetup(task, path, chosen, prompt, prompt.Find(context.Require(options.Condition)), episodes)
        {
            _tokenLimit = options.MaxTokens.Name,
        };
    }

    /// <summary>Says of causes that an option may mend which one it is.</summary>
    public void TellCauses(CommandContext context, IEnumerable<string> causes)
    {
        if (causes.Contains(FailureCause.TokenLimit.Name()))
        {
            context.Terminal.Note($"Turns were cut off at {Episodes.MaxOutputTokens:N0} tokens; {_tokenLimit} allows more.");
        }
    }

    /// <summary>The prompt with the tools that it has to tell of, as they are now.</summary>
    public PromptTemplate PromptWith(ToolSet tools) => Episodes.ToolFormat == ToolFormat.React ? ToolPrompt.Describe(Prompt, tools)! : Prompt;

    /// <summary>What decides how an agent does, for the files that keep its episodes.</summary>
    public JsonObject Describe()
    {
        var description = Described();
        if (Task.JudgeCommand is { } judge)
        {
            description["judge"] = judge;
        }

        return description;
    }

    private JsonObject Described() => new()
    {
        ["task"] = Task.Name,
        ["questions"] = QuestionLoader.Fingerprint(QuestionPath),
        ["prompt"] = PromptConfiguration.ToJson(Prompt),
        ["condition"] = Condition,
        ["step_limit"] = Episodes.StepLimit,
        ["max_tokens"] = Episodes.MaxOutputTokens,
        ["tool_format"] = Episodes.ToolFormat == ToolFormat.Native ? Episodes.ToolFormat.Name() : null,
        ["parsing"] = Episodes.Parsing.ToString().ToLowerInvariant(),
    };
}
