using System.Text.Json.Nodes;
using Rebound.Agents.Episodes;
using Rebound.Agents.Tasks;
using Rebound.Trajectories;
using Rebound.Trajectories.Conditions;

namespace Rebound.Cli.Agents;

/// <summary>What <see cref="AgentOptions"/> amount to.</summary>
/// <param name="QuestionPath">The file that the questions are from.</param>
/// <param name="Condition">The prompt's own name of the condition.</param>
internal sealed record AgentSetup(
    AgentTask Task, string QuestionPath, IReadOnlyList<TaskQuestion> Questions, PromptTemplate Prompt, string Condition, EpisodeOptions Episodes)
{
    /// <param name="card">What a model trained here says of its task and prompt, which count where options say nothing.</param>
    public static AgentSetup Read(AgentOptions options, CommandContext context, OptionChecks checks, AgentCard? card = null)
    {
        var stepLimit = checks.AtLeast(options.StepLimit, 1);
        var maxTokens = checks.AtLeast(options.MaxTokens, 1);
        var timeout = context.Get(options.EpisodeTimeout);
        if (timeout is <= 0)
        {
            checks.Add($"{context.Label(options.EpisodeTimeout)} is {timeout}; it must be above 0.");
        }

        checks.ThrowIfAny();
        var task = TaskRegistry.Open(context.Get(options.Task) ?? card?.Task
            ?? throw new InputException($"{options.Task.Name} is needed: {options.Task.Description}."));
        var path = FindQuestions(options, context, task);
        var questions = QuestionLoader.ReadAsync(path, task.Fields, context.Require(options.Start), context.Get(options.End), context.Interrupted)
            .GetAwaiter().GetResult();
        if (questions.Count == 0)
        {
            throw new InputException($"No question of {path} is between {options.Start.Name} and {options.End.Name}.");
        }

        var prompt = OpenPrompt(options, context, task, card?.Prompt);
        return new AgentSetup(task, path, questions, prompt, prompt.Find(context.Require(options.Condition)), new EpisodeOptions
        {
            StepLimit = stepLimit,
            MaxOutputTokens = maxTokens,
            Timeout = timeout is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            Parsing = context.Require(options.Parsing) == "reference" ? ActionParsing.Reference : ActionParsing.Tolerant,
        });
    }

    /// <summary>The turns that ask a question.</summary>
    public IReadOnlyList<Turn> Ask(TaskQuestion question) => Prompt.Ask(question.Question, Condition);

    /// <summary>What decides how an agent does, for the files that keep its episodes.</summary>
    public JsonObject Describe() => new()
    {
        ["task"] = Task.Name,
        ["prompt"] = PromptConfiguration.ToJson(Prompt),
        ["condition"] = Condition,
        ["step_limit"] = Episodes.StepLimit,
        ["max_tokens"] = Episodes.MaxOutputTokens,
        ["parsing"] = Episodes.Parsing.ToString().ToLowerInvariant(),
    };

    private static string FindQuestions(AgentOptions options, CommandContext context, AgentTask task)
    {
        if (context.Get(options.QuestionPath) is { } path)
        {
            return path;
        }

        var isOwn = BuiltInTasks.Find(task.Name) is null;
        return context.Get(options.Data) is { } folder ? QuestionLoader.Find(task, folder, context.Require(options.Split))
            : isOwn ? QuestionLoader.Find(task, "", "test")
            : throw new InputException($"{options.Data.Name} or {options.QuestionPath.Name} is needed: where the questions of {task.Name} are.");
    }

    private static PromptTemplate OpenPrompt(AgentOptions options, CommandContext context, AgentTask task, PromptTemplate? trainedWith)
    {
        var (prompt, file, template) = (context.Get(options.Prompt), context.Get(options.PromptPath), context.Get(options.Template));
        if (prompt is not null && (file is not null || template is not null))
        {
            throw new InputException($"{options.Prompt.Name} excludes {options.PromptPath.Name} and {options.Template.Name}.");
        }

        if (prompt is null && file is null && template is null && trainedWith is not null)
        {
            return trainedWith;
        }

        return (file is null) == (template is null)
            ? TaskPrompt.Open(task, prompt ?? file, template)
            : throw new InputException($"{options.PromptPath.Name} and {options.Template.Name} go together.");
    }
}
