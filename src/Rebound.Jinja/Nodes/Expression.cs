namespace Rebound.Jinja.Nodes;

/// <summary>A part of a template that has a value.</summary>
internal abstract class Expression
{
    public abstract object? Evaluate(RenderState state, Frame frame);
}
