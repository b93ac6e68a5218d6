namespace Rebound.Jinja.Nodes;

/// <summary>How a statement ended, for the loop around it.</summary>
internal enum Flow
{
    Next,
    Break,
    Continue,
}

/// <summary>A part of a template that writes, assigns or steers.</summary>
internal abstract class Statement(int line)
{
    public int Line { get; } = line;

    public abstract Flow Execute(RenderState state, Frame frame);

    public static Flow ExecuteAll(Statement[] body, RenderState state, Frame frame)
    {
        foreach (var statement in body)
        {
            state.Step();
            state.Line = statement.Line;
            var flow = statement.Execute(state, frame);
            if (flow != Flow.Next)
            {
                return flow;
            }
        }

        return Flow.Next;
    }
}
