using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace Rebound.Trajectories.Chat;

/// <summary>The model of an agent: a checkpoint that is computed here, or one behind a server.</summary>
public abstract class AgentModel : IDisposable
{
    /// <summary>For people and reports.</summary>
    public abstract string Name { get; }

    /// <summary>The card of a model that was trained here; null for any other.</summary>
    public virtual AgentCard? Card => null;

    /// <summary>The default tool format.</summary>
    public virtual ToolFormat ToolFormat => ToolFormat.React;

    /// <summary>Whether its draws are made here, so that a seed fixes them.</summary>
    public virtual bool IsLocal => false;

    /// <summary>Devices that it answers on, each with a copy of its own and with conversations of its own.</summary>
    public virtual int Places => 1;

    /// <summary>Counts what it reads and writes.</summary>
    public ModelMeter Meter { get; } = new();

    /// <summary>Why no answer can be had from where it is; null while one can.</summary>
    public virtual string? Broken => null;

    /// <summary>Whether tokens can be counted one by one while an answer is written.</summary>
    protected virtual bool CountsTokens => false;

    /// <summary>A chat client as the model of an agent.</summary>
    /// <param name="client">Stays the caller's to dispose of.</param>
    /// <param name="broken">Says why no answer can be had from it any more, or null while one can.</param>
    public static AgentModel Of(string name, IChatClient client, Func<string?>? broken = null) => new ClientModel(name, client, broken);

    /// <summary>Adds the model's identity to the description of its episodes.</summary>
    public virtual void Describe(JsonObject description) => description["model"] = Name;

    /// <summary>Makes it ready; the caller disposes of this alone.</summary>
    /// <param name="conversations">Most conversations at a time in each place.</param>
    public IChatClient Start(int conversations) => Metered(Open(conversations, Meter), Meter);

    /// <summary>Makes it ready, to answer without being counted.</summary>
    /// <param name="conversations">Most conversations at a time in each place.</param>
    /// <param name="meter">Hears of requests that are made again.</param>
    public abstract IChatClient Open(int conversations, ModelMeter meter);

    /// <summary>Counts the requests of a client that <see cref="Open(int, ModelMeter)"/> gave, or of one around it.</summary>
    public IChatClient Metered(IChatClient client, ModelMeter meter) => new MeteredModel(client, meter, CountsTokens);

    /// <summary>Throws where the model can no longer answer.</summary>
    public virtual void ThrowIfBroken()
    {
    }

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
    }

    private sealed class ClientModel(string name, IChatClient client, Func<string?>? broken) : AgentModel
    {
        public override string Name => name;

        public override string? Broken => broken?.Invoke();

        public override IChatClient Open(int conversations, ModelMeter meter) => client;
    }
}
