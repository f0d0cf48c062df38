{{/* What every object is called and found by. */}}
{{- define "trunkline.name" -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "trunkline.labels" -}}
app.kubernetes.io/name: trunkline
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "trunkline.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}

{{/* A value as text: whole numbers in full, which a values file would show as 5e+09. */}}
{{- define "trunkline.text" -}}
{{- if and (kindIs "float64" .) (eq (floor .) .) }}{{ int64 . }}{{ else }}{{ toString . }}{{ end -}}
{{- end -}}

{{/* Settings and secrets of every process. */}}
{{- define "trunkline.env" -}}
{{- range $name, $value := .Values.settings }}
{{- if ne (toString $value) "" }}
- name: TRUNKLINE_{{ upper $name }}
  value: {{ include "trunkline.text" $value | quote }}
{{- end }}
{{- end }}
- name: TRUNKLINE_STORAGE_URL
  value: {{ .Values.storage.url | default "file:///var/lib/trunkline/storage" | quote }}
{{- range $name := list "database_url" "broker_url" "encryption_key" }}
- name: TRUNKLINE_{{ upper $name }}_FILE
  value: /run/secrets/trunkline/{{ $name }}
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* The probe of beats and workers: the file that they touch is young. */}}
{{- define "trunkline.pulse" -}}
{{- with .Values.settings.pulse }}
livenessProbe:
  exec: { command: [sh, -c, {{ printf "find %s -newermt -90sec | grep -q ." . | quote }}] }
  initialDelaySeconds: 60
  periodSeconds: 30
  timeoutSeconds: 5
  failureThreshold: 3
{{- end }}
{{- end -}}

{{/* The pod of a process: `component`, `args` or `command`, `resources`, `root`, and what differs. */}}
{{- define "trunkline.pod" -}}
{{- /* the migration needs no files, and runs before the claim is made */}}
{{- $volume := and (not .root.Values.storage.url) (ne .component "migrate") }}
metadata:
  labels:
    {{- include "trunkline.labels" . | nindent 4 }}
  annotations:
    prometheus.io/scrape: "true"
    prometheus.io/port: {{ .root.Values.settings.metrics_port | default 9102 | quote }}
spec:
  automountServiceAccountToken: false
  terminationGracePeriodSeconds: {{ .root.Values.terminationGracePeriodSeconds }}
  {{- with .root.Values.image.pullSecrets }}
  imagePullSecrets:
    {{- range . }}
    - name: {{ . }}
    {{- end }}
  {{- end }}
  securityContext:
    fsGroup: 10001
    seccompProfile: { type: RuntimeDefault }
  containers:
    - name: {{ .component }}
      image: {{ include "trunkline.image" .root | quote }}
      imagePullPolicy: {{ .root.Values.image.pullPolicy }}
      {{- if .command }}
      command: {{ toJson .command }}
      {{- else if .runAsRoot }}
      command: ["sh", "-c", "umask 0002; exec trunkline \"$@\"", "trunkline"]
      {{- end }}
      {{- with .args }}
      args: {{ toJson . }}
      {{- end }}
      env:
        {{- include "trunkline.env" .root | nindent 8 }}
        {{- with .env }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- with .ports }}
      ports:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .probes }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
      resources:
        {{- toYaml .resources | nindent 8 }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        {{- if .runAsRoot }}
        runAsUser: 0
        runAsGroup: 10001
        capabilities: { drop: [ALL], add: [SETUID, SETGID, CHOWN, FOWNER, DAC_OVERRIDE, KILL] }
        {{- else }}
        runAsNonRoot: true
        runAsUser: 10001
        capabilities: { drop: [ALL] }
        {{- end }}
      volumeMounts:
        - { name: secrets, mountPath: /run/secrets/trunkline, readOnly: true }
        - { name: tmp, mountPath: /tmp }
        - { name: data, mountPath: /var/lib/trunkline }
        {{- if $volume }}
        - { name: storage, mountPath: /var/lib/trunkline/storage }
        {{- end }}
  volumes:
    - name: secrets
      # for root and the group: scripts, which run beside a worker as users of their own, see none
      secret: { secretName: {{ .root.Values.secretName }}, defaultMode: 0440 }
    - name: tmp
      emptyDir: {{ with .root.Values.tmpSize }}{ sizeLimit: {{ . }} }{{ else }}{}{{ end }}
    - name: data
      emptyDir: {}
    {{- if $volume }}
    - name: storage
      persistentVolumeClaim: { claimName: {{ include "trunkline.name" .root }}-storage }
    {{- end }}
{{- end -}}
