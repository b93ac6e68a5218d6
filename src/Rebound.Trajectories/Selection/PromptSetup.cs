using Rebound.Files.Rows;
using Rebound.Trajectories.Conditions;

namespace Rebound.Trajectories.Selection;

/// <summary>The prompt and the method, resolved from options.</summary>
/// <param name="Prompt">Null where trajectories are used as they stand.</param>
public sealed record PromptSetup(TrainingMethod Method, PromptTemplate? Prompt)
{
    /// <summary>The prompt name for using trajectories as they are.</summary>
    public const string NoPrompt = "none";

    /// <summary>The method as options and agent cards name it.</summary>
    public string MethodName => Method.Name();

    /// <exception cref="ArgumentException">The options contradict each other, or name a prompt that is not there.</exception>
    /// <exception cref="DataException">A prompt file cannot be used.</exception>
    public static PromptSetup Of(DatasetOptions options)
    {
        var prompt = Named(options);
        switch (options.Method)
        {
            case TrainingMethod.Nat when options.Conditions == false:
                throw new ArgumentException("The method nat is nut with conditions: choose nut to tell the model no outcomes.");
            case null when options.Conditions == false:
                return new PromptSetup(options.HasFailures ? TrainingMethod.Nut : TrainingMethod.Vanilla, prompt?.Unconditioned());
            case { } method when !TellsOutcomes(options):
                return new PromptSetup(method, prompt?.Unconditioned());
            case { } method when prompt is not { Conditions.Count: > 0 }:
                throw new ArgumentException(
                    $"The method {method.Name()}{(method == TrainingMethod.Nat ? "" : " with conditions")} tells the model which outcome "
                    + $"it sees, and {Describe(prompt)} has the same words for all; choose one with conditions, or "
                    + (method == TrainingMethod.Nat ? "the method nut." : "none."));
            default:
                return new PromptSetup(options.Method ?? MethodOf(options, prompt), prompt);
        }
    }

    private static PromptTemplate? Named(DatasetOptions options) => options switch
    {
        { Prompt: not null, PromptPath: not null } =>
            throw new ArgumentException("A prompt and a prompt file of the reference exclude each other."),
        { PromptPath: { } path, Template: { } template } => PromptFile.Load(path, template),
        { PromptPath: not null } or { Template: not null } =>
            throw new ArgumentException("A prompt file of the reference and the name of its template go together."),
        { Prompt: NoPrompt } => options.QuestionPath is null
            ? null
            : throw new ArgumentException("Questions are given, and the prompt 'none' asks no question."),
        { Prompt: { } name } => Open(name),
        _ => options.QuestionPath is not null || TellsOutcomes(options) ? BuiltInPrompts.Get(BuiltInPrompts.Outcome) : null,
    };

    private static bool TellsOutcomes(DatasetOptions options) =>
        options.Conditions ?? (options.Method == TrainingMethod.Nat || (options.Method is null && options.HasFailures));

    /// <summary>A built-in prompt by its name, or one of a <see cref="PromptConfiguration"/> file.</summary>
    /// <exception cref="ArgumentException">It is neither.</exception>
    /// <exception cref="DataException">The file cannot be used.</exception>
    public static PromptTemplate Open(string name)
    {
        if (BuiltInPrompts.Names.Contains(name))
        {
            return BuiltInPrompts.Get(name);
        }

        return File.Exists(name)
            ? PromptConfiguration.Load(name)
            : throw new ArgumentException(
                $"'{name}' is neither a file nor a built-in prompt; there are {string.Join(", ", BuiltInPrompts.Names)}, and {NoPrompt}.");
    }

    private static TrainingMethod MethodOf(DatasetOptions options, PromptTemplate? prompt) =>
        !options.HasFailures ? TrainingMethod.Vanilla
        : prompt is { Conditions.Count: > 0 } ? TrainingMethod.Nat
        : TrainingMethod.Nut;

    private static string Describe(PromptTemplate? prompt) =>
        prompt is null ? "a trajectory without a prompt" : $"the prompt '{prompt.Name}'";
}
