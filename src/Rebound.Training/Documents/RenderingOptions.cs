using Rebound.Files.Messages;
using Rebound.Trajectories.Rendering;

namespace Rebound.Training.Documents;

/// <summary>How trajectories are rendered for a model, and their length limit.</summary>
public sealed record RenderingOptions
{
    /// <summary>One of <see cref="Renderers.Names"/>.</summary>
    public string Renderer { get; init; } = ChatTemplateRenderer.RendererName;

    /// <summary>Whether the model reasons before it answers; null for its training's or its template's default.</summary>
    public bool? Reasoning { get; init; }

    /// <summary>Tokens of the longest document; null for the NAT reference's 4,096, or the model's context if that is less.</summary>
    public int? MaxLength { get; init; }

    /// <summary>Whether longer ones are cut, left out, or an error.</summary>
    public ExcessLength ExcessLength { get; init; }

    /// <summary>All that is wrong with the options; empty where they can be used.</summary>
    public IReadOnlyList<OptionProblem> Validate() => new OptionLimits()
        .Require(Renderers.Names.Contains(Renderer), nameof(Renderer), Renderer, string.Join(" or ", Renderers.Names))
        .AtLeast(nameof(MaxLength), MaxLength, 2)
        .Problems;
}
