using Rebound.Checkpoints;
using Rebound.Engine;
using Rebound.Models.Parameters;

namespace Rebound.Models.Adapters;

/// <summary>A linear layer with an adapter.</summary>
/// <param name="Name">For example <c>model.layers.0.self_attn.q_proj</c>.</param>
/// <param name="Weight">The frozen weight [N, K], where the model keeps it.</param>
/// <param name="Rank">R.</param>
/// <param name="Scale">The factor of <c>B·A·x</c>.</param>
public sealed record LoraModule(string Name, ParameterSlice Weight, int Rank, float Scale)
{
    /// <summary>PEFT's name of A [R, K].</summary>
    public string DownName => PeftNames.Down(Name);

    /// <summary>PEFT's name of B [N, R].</summary>
    public string UpName => PeftNames.Up(Name);
}

/// <summary>
/// The adapted layers of a model of some configuration, and the table of their parameters. Layers that share one matrix in
/// the model (query, key and value; gate and up) share one matrix A too, so that their input is read once.
/// </summary>
public sealed class LoraLayout
{
    private readonly Dictionary<int, LoraGroup> _groups = [];

    private readonly ParameterTable _weights;

    private LoraLayout(LoraSettings settings, ParameterTable weights, LoraModule[] modules)
    {
        _weights = weights;
        Settings = settings;
        Modules = modules;
        Parameters = new ParameterTable();
        foreach (var group in modules.GroupBy(module => module.Weight.Parameter))
        {
            BeginBlocks(weights.BlockOf(group.Key) + 1);
            _groups.Add(group.Key, AddGroup([.. group]));
        }

        BeginBlocks(weights.BlockCount);
    }

    public LoraSettings Settings { get; }

    /// <summary>In the model's order.</summary>
    public IReadOnlyList<LoraModule> Modules { get; }

    /// <summary>The trained parameters: every A and B, by PEFT's names.</summary>
    public ParameterTable Parameters { get; }

    /// <summary>Columns of the widest input of an adapted layer: what dropout works on.</summary>
    internal int WidestInput => Modules.Max(module => module.Weight.Shape[1]);

    /// <exception cref="ArgumentException">No layer of the model is a target, or a number is out of its range.</exception>
    public static LoraLayout For(LlamaConfig config, LoraSettings settings)
    {
        settings.Validate();
        var weights = ParameterTable.For(config);
        var modules = weights.Slices
            .Where(slice => ParameterNames.IsLinear(slice.Name))
            .Select(slice => (Name: slice.Name[..slice.Name.LastIndexOf('.')], Slice: slice))
            .Where(candidate => settings.Targets.Covers(candidate.Name))
            .Select(found => new LoraModule(found.Name, found.Slice, settings.RankOf(found.Name), settings.ScaleOf(found.Name)))
            .ToArray();
        return modules.Length > 0
            ? new LoraLayout(settings, weights, modules)
            : throw new ArgumentException($"No linear layer of the model's {config.Layers} blocks is a target of '{settings.Targets}'.");
    }

    /// <summary>The adapter in words, its numbers unrounded: a resumed run is told from another by them.</summary>
    public string Describe()
    {
        var kind = Settings.RankStabilized ? "rsLoRA" : "LoRA";
        var dropout = Settings.Dropout > 0 ? $", dropout {Settings.Dropout}" : "";
        return $"{kind} of rank {Settings.Rank}, alpha {Settings.Alpha}{dropout}, beside {Modules.Count:N0} linear layers "
            + $"({Settings.Targets})";
    }

    /// <summary>The adapters of one of the model's matrices; null when it has none.</summary>
    /// <param name="weight">Index in the model's <see cref="ParameterTable.Parameters"/>.</param>
    internal LoraGroup? GroupOf(int weight) => _groups.GetValueOrDefault(weight);

    internal AdapterRanks RanksOf(int layer)
    {
        var (attention, feedForward) = (ParameterNames.Attention(layer), ParameterNames.FeedForward(layer));
        return new AdapterRanks(
            RankOf(attention + ParameterNames.QueryKeyValue), RankOf(attention + ParameterNames.Output),
            RankOf(feedForward + ParameterNames.GateUp), RankOf(feedForward + ParameterNames.Down));
    }

    private int RankOf(string matrix) => GroupOf(_weights.IndexOf(matrix + ".weight"))?.Rank ?? 0;

    private void BeginBlocks(int count)
    {
        while (Parameters.BlockCount < count)
        {
            Parameters.BeginBlock();
        }
    }

    private LoraGroup AddGroup(LoraModule[] modules)
    {
        var inner = modules[0].Weight.Shape[1];
        var name = $"{modules[0].Name}{(modules.Length > 1 ? $" and {modules.Length - 1} more" : "")}";
        var down = Parameters.AddStacked($"{name}.lora_A", [.. modules.Select(module => (module.DownName, module.Rank))], inner);
        var (parts, rank) = (new List<LoraPart>(), 0);
        foreach (var module in modules)
        {
            var outer = module.Weight.Shape[0];
            var up = Parameters.AddStacked($"{module.Name}.lora_B", [(module.UpName, outer)], module.Rank);
            parts.Add(new LoraPart(up, module.Weight.FirstRow, outer, rank, module.Rank, module.Scale));
            rank += module.Rank;
        }

        return new LoraGroup(down, inner, rank, [.. parts]);
    }
}

/// <summary>The adapters of one of the model's matrices.</summary>
/// <param name="Down">Index of all its A [ΣR, K], one above the other.</param>
/// <param name="Inner">K.</param>
/// <param name="Rank">ΣR.</param>
internal sealed record LoraGroup(int Down, int Inner, int Rank, LoraPart[] Parts);

/// <summary>One adapter of a group.</summary>
/// <param name="Up">Index of its B [N, R].</param>
/// <param name="FirstOutput">The first of its N columns in the output of the matrix.</param>
/// <param name="FirstRank">The first of its R columns in the group's.</param>
internal readonly record struct LoraPart(int Up, int FirstOutput, int Outer, int FirstRank, int Rank, float Scale);
