using Rebound.Engine;
using Rebound.Inference.Chat;

namespace Rebound.Study.Improvement;

/// <summary>The model that is asked, opened once for an evaluation and the tries after it.</summary>
internal sealed class CurrentModel(IReadOnlyList<Backend> backends) : IDisposable
{
    private string? _path;
    private LocalAgentModel? _model;

    /// <summary>The model of a folder; another one that was open is closed.</summary>
    /// <param name="name">Its name in descriptions of episodes; null for where it lies.</param>
    public LocalAgentModel Open(string path, string? name)
    {
        if (_path != path)
        {
            Close();
            (_path, _model) = (path, LocalAgentModel.Open(path, backends, name));
        }

        return _model!;
    }

    /// <summary>Gives the memory back, for a training.</summary>
    public void Close()
    {
        _model?.Dispose();
        (_path, _model) = (null, null);
    }

    public void Dispose() => Close();
}
