{{- define "countersign.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 50 | trimSuffix "-" }}
{{- end }}

{{- define "countersign.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" }}
{{- else if contains (include "countersign.name" .) .Release.Name }}
{{- .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "countersign.name" .) | trunc 50 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "countersign.selectorLabels" -}}
app.kubernetes.io/name: {{ include "countersign.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "countersign.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{ include "countersign.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "countersign.image" -}}
{{- $image := .Values.image }}
{{- if $image.digest }}{{ printf "%s@%s" $image.repository $image.digest }}
{{- else }}{{ printf "%s:%s" $image.repository (default .Chart.AppVersion $image.tag) }}{{ end }}
{{- end }}

{{- define "countersign.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}{{ default (include "countersign.fullname" .) .Values.serviceAccount.name }}
{{- else }}{{ default "default" .Values.serviceAccount.name }}{{ end }}
{{- end }}

{{/* Variables that a Secret holds: by files, or one by one. Takes (dict "root" $ "secret" name "variables" list). */}}
{{- define "countersign.secretEnv" -}}
{{- $ := .root }}
{{- $secret := .secret }}
{{- range .variables }}
{{- if $.Values.secrets.asFiles }}
- name: {{ . }}_FILE
  value: /etc/countersign/secrets/{{ . }}
{{- else }}
- name: {{ . }}
  valueFrom:
    secretKeyRef: { name: {{ $secret }}, key: {{ . }} }
{{- end }}
{{- end }}
{{- end }}

{{/* Volume with those files. The same arguments. */}}
{{- define "countersign.secretVolume" -}}
{{- if .root.Values.secrets.asFiles }}
- name: secrets
  secret:
    secretName: {{ .secret }}
    # The pod's group may read, nobody else.
    defaultMode: 0440
    items:
      {{- range .variables }}
      - { key: {{ . }}, path: {{ . }} }
      {{- end }}
{{- end }}
{{- end }}

{{/* Variables of a map. A value may be a number or a boolean there; an empty one is left out. */}}
{{- define "countersign.env" -}}
{{- range $name, $value := . }}
{{- if ne (toString $value) "" }}
- name: {{ $name }}
  value: {{ toString $value | quote }}
{{- end }}
{{- end }}
{{- end }}

{{- define "countersign.existingSecret" -}}
{{- required "secrets.existingSecret is empty: name the Secret that holds the tokens and DATABASE_URL (docs/deploy.md)." .Values.secrets.existingSecret }}
{{- end }}
