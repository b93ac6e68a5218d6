using Rebound.Checkpoints;
using Rebound.Engine;
using Rebound.Models.Adapters;
using Rebound.Models.Parameters;

namespace Rebound.Models.Verification;

/// <summary>The model's results on the inputs of a reference, by the reference's names.</summary>
internal sealed class ModelResults : IDisposable
{
    private const string Logits = "logits";
    private const string MergedLogits = "merged_logits";
    private const string Loss = "loss";
    private const string GradientPrefix = "grad.";

    private readonly LlamaModel _model;
    private readonly ReferenceFile _reference;
    private readonly ParameterSet? _gradients;
    private readonly double _loss;

    /// <summary>Computes the loss, and the gradients if the reference has any; the rest when it is asked for.</summary>
    /// <exception cref="ArgumentException">The inputs do not fit the model.</exception>
    public ModelResults(LlamaModel model, ReferenceFile reference)
    {
        (_model, _reference) = (model, reference);
        var supervised = reference.Batch.SupervisedRows.Length;
        _gradients = reference.Expected.Any(IsGradient) ? model.CreateGradients() : null;
        try
        {
            var sum = _gradients is null
                ? model.Loss(reference.Batch)
                : model.LossAndGradients(reference.Batch, _gradients, 1f / Math.Max(1, supervised));
            _loss = sum / supervised;
        }
        catch
        {
            _gradients?.Dispose();
            throw;
        }
    }

    public static bool IsGradient(StoredTensor tensor) => IsGradient(tensor.Name);

    public static bool IsGradient(string name) => name.StartsWith(GradientPrefix, StringComparison.Ordinal);

    /// <summary>Whether rounding of the model's operations is all that can take a result from the expected one.</summary>
    public static bool IsOfModel(string name) => name is Logits or Loss || IsGradient(name);

    public static double Tolerance(string name, RoundingTolerance tolerance) => name switch
    {
        Loss => tolerance.Loss,
        _ when IsGradient(name) => tolerance.Backward,
        _ => tolerance.Forward,
    };

    /// <summary>Computes what is to be compared with a tensor of the reference.</summary>
    /// <param name="actual">As many elements as the tensor has; empty when there is a problem.</param>
    /// <returns>Why the model has nothing to compare with it; null: it has.</returns>
    public string? Find(StoredTensor tensor, out float[] actual)
    {
        actual = [];
        switch (tensor.Name)
        {
            case Logits:
                return LogitsOf(_model, tensor, out actual);
            case MergedLogits when _model.Adapter is null:
                return "there is no adapter to merge";
            case MergedLogits:
                using (var merged = LlamaModel.Load(_model.Backend, _model.Config, new MergedTensors(_model.Weights, _model.Adapter)))
                {
                    return LogitsOf(merged, tensor, out actual);
                }

            case Loss when tensor.Count != 1:
                return "is not one number";
            case Loss:
                actual = [(float)_loss];
                return null;
        }

        return IsGradient(tensor)
            ? GradientOf(tensor, out actual)
            : "is not known: input_ids, labels, logits, merged_logits, loss, greedy and grad.* are";
    }

    public void Dispose() => _gradients?.Dispose();

    private string? LogitsOf(LlamaModel model, StoredTensor tensor, out float[] actual)
    {
        actual = [];
        var expected = new Shape(_reference.Rows, _reference.Columns, model.Config.VocabularySize);
        if (ShapeOf(tensor) != expected.ToString())
        {
            return $"the model's logits are {expected}";
        }

        actual = new float[expected.Count];
        model.Logits(_reference.Batch, actual);
        return null;
    }

    private string? GradientOf(StoredTensor tensor, out float[] actual)
    {
        actual = [];
        var name = PeftNames.WithoutAdapter(tensor.Name[GradientPrefix.Length..]);
        if (_gradients is null || !_gradients.Table.TryFind(name, out var slice))
        {
            return $"no parameter '{name}' is trained";
        }

        if (slice.Shape.ToString() != ShapeOf(tensor))
        {
            return $"the model's gradient is {slice.Shape}";
        }

        actual = new float[slice.Shape.Count];
        _gradients.Read(name, actual);
        return null;
    }

    /// <summary>Extents for people: <c>[2, 37, 199]</c>.</summary>
    public static string ShapeOf(StoredTensor tensor) => $"[{string.Join(", ", tensor.Shape)}]";
}
