using Rebound.Cli.Options;
using Rebound.Study.Grids;
using Rebound.Study.Results;
using Rebound.Trajectories.Selection;

namespace Rebound.Cli.Study;

/// <summary>Makes a study's trainings of its file.</summary>
/// <param name="folder">The study's.</param>
internal sealed class StudyPlanReader(StudyFile file, GridFolder folder, CommandContext context)
{
    private readonly CellOptions _options = new();
    private readonly Dictionary<string, GridCell> _cells = new(StringComparer.Ordinal);
    private IReadOnlyList<SetOption> _shared = [];

    /// <summary>Every point, kinds of runs in the order of the file, with the training that it comes to.</summary>
    /// <exception cref="InputException">Options are wrong.</exception>
    public IReadOnlyList<GridPoint> Read()
    {
        _shared = _options.Shared(file.File);
        return
        [
            .. from block in file.Blocks
               from model in file.Models
               from successes in block.Successes
               from method in block.Methods
               from failures in !LearnsFailures(method) ? [0] : block.Failures
               from seed in block.Seeds
               let label = failures == 0 ? LabelWithoutFailures(method) : method
               let point = (Arm: new Arm(label) { Model = model.Label, Successes = successes, Failures = failures }, Seed: seed)
               group model.Path by point into same
               select new GridPoint(same.Key.Arm, same.Key.Seed, Cell(same.Key.Arm, same.Key.Seed, same.First())),
        ];
    }

    /// <summary>Without any failure a method is plain training on successes; vanilla's own, if the file has it.</summary>
    private string LabelWithoutFailures(string method) => !LearnsFailures(method)
        ? method
        : file.Methods.Select(other => other.Label).FirstOrDefault(other => MethodOf(other) == Vanilla) ?? Vanilla;

    private static string Vanilla => TrainingMethod.Vanilla.Name();

    private bool LearnsFailures(string label) => TrainingMethods.Find(MethodOf(label))?.LearnsFailures() != false;

    private string MethodOf(string label) =>
        file.Methods.Where(method => method.Label == label).Select(method => method.Options.Text(StudyFile.Method)).FirstOrDefault()
            ?? label;

    private GridCell Cell(Arm arm, int seed, string model)
    {
        var name = string.Join(
            '-',
            ((string[])[arm.Model, arm.Method, $"{arm.Successes}", $"{arm.Failures}", $"seed{seed}"]).Where(part => part.Length > 0));
        name = string.Join('_', name.Split(Path.GetInvalidFileNameChars()));
        var own = file.Methods.Where(method => method.Label == arm.Method).SelectMany(method => _options.Own(method.Options));
        SetOption[] Options(string output) =>
        [
            .. _shared, .. own,
            .. _options.Choose(model, MethodOf(arm.Method), arm.Successes, arm.Failures!.Value, seed, output),
        ];

        // What the same options come to is one training, whatever it is called.
        var key = string.Join('\n', Options("").Select(option => $"{option.Name}={string.Join(' ', option.Values)}"));
        return _cells.TryGetValue(key, out var cell)
            ? cell
            : _cells[key] = _options.Read(name, Options(Path.Combine(folder.Location, "cells", name)), context);
    }
}
