using System.Text.Json;
using Rebound.Training.Methods;
using Rebound.Trajectories;
using Rebound.Trajectories.Rendering;
using Rebound.Trajectories.Selection;

namespace Rebound.Training.Verification;

/// <summary>Recorded losses of training methods, as <see cref="LossReplay"/> describes them.</summary>
/// <param name="Rows">With their rates, advantages and mismatched documents; a row's question is its pair.</param>
/// <param name="Reference">Summed log-probabilities of the rows under the reference model.</param>
/// <param name="Old">The same under the model that they were drawn from.</param>
internal sealed record LossRecord(
    AdamWOptions Optimizer, IReadOnlyList<LearningDocument> Rows, double[] Reference, double[] Old,
    IReadOnlyList<LossRecord.Method> Methods)
{
    /// <summary>As trainers elsewhere name it.</summary>
    private const string ApoZeroUnpaired = "apo_zero_unpaired";

    /// <param name="Kind">Null for a method that nobody here knows.</param>
    /// <param name="Unknown">Hyperparameters that nobody here knows.</param>
    /// <param name="LogProbabilities">Summed, of each row, before the first step.</param>
    /// <param name="Divergence">Of <c>kto</c>.</param>
    public sealed record Method(
        string Name, TrainingMethod? Kind, MethodOptions Options, IReadOnlyList<string> Unknown, double[] LogProbabilities,
        double Divergence, IReadOnlyList<RecordedStep> Steps)
    {
        /// <summary>Why it cannot be repeated; null for a method that can.</summary>
        public string? Problem => this switch
        {
            { Kind: null } => "there is no method of this name",
            { Unknown: [var name, ..] } => $"the hyperparameter '{name}' is not known",
            _ when Options.Validate() is [var problem, ..] => problem.ToString(),
            _ => null,
        };
    }

    /// <exception cref="InvalidDataException">The file is not of the expected form.</exception>
    public static LossRecord Read(string path) => RecordJson.Read(path, "losses", Parse);

    private static LossRecord Parse(JsonElement json)
    {
        var mismatched = RecordJson.Property(json, "mismatched").EnumerateArray()
            .Select((row, index) => Document(row, $"mismatched document {index}")).ToArray();
        var rows = RecordJson.Property(json, "rows").EnumerateArray()
            .Select((row, index) => Row(row, index, mismatched.ElementAtOrDefault(index))).ToArray();
        return new LossRecord(
            RecordJson.Optimizer(RecordJson.Property(json, "optimizer")),
            rows.Length > 0 ? rows : throw new FormatException("'rows' is empty."),
            RecordJson.Numbers(json, "reference_logps"),
            RecordJson.Numbers(json, "old_logps"),
            [.. RecordJson.Property(json, "methods").EnumerateObject().Select(method => ParseMethod(method.Name, method.Value))]);
    }

    private static LearningDocument Row(JsonElement json, int index, TokenizedDocument? mismatched)
    {
        var document = Document(json, $"row {index}") with
        {
            Outcome = RecordJson.Property(json, "outcome").GetDouble() > 0 ? Outcome.Positive : Outcome.Negative,
            Question = RecordJson.Property(json, "pair").GetRawText(),
            Row = index + 1,
        };
        return new LearningDocument(document)
        {
            SuccessRate = QuestionGroups.Within(RecordJson.Property(json, "rate").GetDouble()),
            Advantage = RecordJson.Property(json, "advantage").GetDouble(),
            Mismatched = mismatched,
        };
    }

    private static TokenizedDocument Document(JsonElement json, string what)
    {
        var (tokens, labels) = RecordJson.Labelled(json, what);
        var document = new TokenizedDocument(what, "none", tokens, labels);
        return document.SupervisedTokens > 0 ? document : throw new FormatException($"{what} has no supervised token.");
    }

    private static Method ParseMethod(string name, JsonElement json)
    {
        var (options, unknown) = (new MethodOptions { DivergenceShare = 1 }, new List<string>());
        foreach (var parameter in RecordJson.Property(json, "hyperparameters").EnumerateObject())
        {
            var value = parameter.Value.GetDouble();
            switch (parameter.Name)
            {
                case "negative_weight":
                    options = options with { NegativeWeight = value };
                    break;
                case "alpha":
                    options = options with { UnlikelihoodWeight = value };
                    break;
                case "beta":
                    options = options with { Beta = value };
                    break;
                case "desirable_weight":
                    options = options with { DesirableWeight = value };
                    break;
                case "undesirable_weight":
                    options = options with { UndesirableWeight = value };
                    break;
                case "epsilon":
                    options = options with { NftEpsilon = value };
                    break;
                case "clip":
                    options = options with { ClipRange = value };
                    break;
                default:
                    unknown.Add(parameter.Name);
                    break;
            }
        }

        var first = RecordJson.Property(json, "first");
        return new Method(
            name,
            name == ApoZeroUnpaired ? TrainingMethod.ApoZero : TrainingMethods.Find(name.Replace('_', '-')),
            options,
            unknown,
            RecordJson.Numbers(first, "logps"),
            RecordJson.Property(first, "kl").GetDouble(),
            RecordJson.Steps(json));
    }
}
